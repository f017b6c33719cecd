//! `gradwise lab` from the command line to the page.

mod common;

use common::{folder, good, json, run};

#[test]
fn an_experiment_is_listed_done_and_written() {
    let folder = folder();
    let at = folder.path();
    let list = good(at, &["lab"]);
    assert!(list.contains("templates") && list.contains("L16"), "{list}");
    let text = good(at, &["lab", "saturation", "--seeds", "1", "--out", "here"]);
    assert!(text.contains("0.0024665") && text.contains("borne out: "), "{text}");
    for file in ["index.html", "report.json", "slopes.svg", "slopes.png"] {
        assert!(at.join("here/saturation").join(file).is_file(), "{file}");
    }
    let page = std::fs::read_to_string(at.join("here/saturation/index.html")).unwrap();
    assert!(page.contains("gradwise lab saturation --seeds 1") && page.contains("<svg"));
}

#[test]
fn one_json_document_holds_the_claims() {
    let folder = folder();
    let document = json(folder.path(), &["lab", "losses", "--json"]);
    assert_eq!(document["claims"][0]["holds"], true);
    assert_eq!(document["claims"][1]["number"], 7.0);
    let list = json(folder.path(), &["lab", "--json"]);
    assert_eq!(list.as_array().unwrap().len(), 16);
}

#[test]
fn mistakes_end_with_status_2_and_a_remedy() {
    let folder = folder();
    for (arguments, said) in [
        (&["lab", "templtes"][..], "templates"),
        (&["lab", "losses", "--data", "digits"], "--data"),
        (&["lab", "templates", "--data", "iris"], "not images"),
        (&["lab", "leaky", "--data", "digitz"], "digits"),
        (&["lab", "leaky", "--seeds", "0"], "seeds"),
    ] {
        let came = run(folder.path(), arguments);
        assert_eq!(came.status, Some(2), "{}", came.err);
        assert!(came.err.contains(said), "{}", came.err);
    }
}
