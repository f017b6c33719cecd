//! Who may ask, and that nothing but runs is ever shown.

mod common;

use common::{Served, append, end, start, steps};
use std::path::Path;

/// A folder with a run, a secret beside it and links that lead to it.
fn house() -> (tempfile::TempDir, std::path::PathBuf) {
    let house = tempfile::tempdir().unwrap();
    std::fs::write(house.path().join("secret.png"), "SECRET").unwrap();
    let runs = house.path().join("runs");
    append(&runs.join("good"), &[start(1)]);
    append(&runs.join("good"), &steps(1..=20, |i| 2.0 / i as f64));
    append(&runs.join("good"), &[end(20)]);
    std::fs::write(runs.join("good/worst.png"), "PICTURE").unwrap();
    std::fs::write(runs.join("good/other.html"), "SECRET").unwrap();
    std::fs::write(runs.join("good/report.html"), "<script>REPORT</script>").unwrap();
    std::fs::write(runs.join("good/model.safetensors"), "WEIGHTS").unwrap();
    let source = house.path().join("data/x.csv").display().to_string();
    let file = format!("seed = 1\n[data]\nsource = {source:?}\n");
    std::fs::write(runs.join("good/run.toml"), file).unwrap();
    links(house.path(), &runs);
    (house, runs)
}

#[cfg(unix)]
fn links(house: &Path, runs: &Path) {
    use std::os::unix::fs::symlink;
    symlink(house.join("secret.png"), runs.join("good/link.png")).unwrap();
    symlink(house, runs.join("good/folder.png")).unwrap();
    append(&house.join("elsewhere"), &[start(2)]);
    symlink(house.join("elsewhere"), runs.join("linked")).unwrap();
}

#[cfg(not(unix))]
fn links(_: &Path, _: &Path) {}

#[test]
fn no_file_outside_the_run_folders_is_shown() {
    let (_house, runs) = house();
    let served = Served::new(&runs);
    let list = served.wait(|runs| runs.len() == 1 && runs[0]["state"] == "ended");
    let id = list[0]["id"].as_str().unwrap();
    let picture = |file: &str| served.ask(&format!("GET /pictures/{id}/{file}"), &[]);
    let good = picture("worst.png");
    assert_eq!((good.status(), good.body()), (200, "PICTURE"));
    assert!(good.header("content-security-policy").unwrap().contains("sandbox"));
    let report = picture("report.html");
    assert_eq!(report.status(), 200);
    assert!(report.header("content-security-policy").unwrap().ends_with("; sandbox"));
    for file in [
        "../../secret.png",
        "..%2F..%2Fsecret.png",
        "%2e%2e%2f%2e%2e%2fsecret.png",
        "..%5C..%5Csecret.png",
        "..%252F..%252Fsecret.png",
        "link.png",
        "folder.png",
        "folder.png%2Fsecret.png",
        "other.html",
        "model.safetensors",
        "events.jsonl",
        "run.toml",
        "",
        "..%00.png",
        "worst.png%00",
        "worst.png/",
    ] {
        let answer = picture(file);
        assert!((400..500).contains(&answer.status()), "{file}: {}", answer.0);
        assert!(!answer.0.contains("SECRET") && !answer.0.contains("WEIGHTS"), "{file}");
    }
    for path in [
        "/../secret.png",
        "//secret.png",
        "/%2e%2e/secret.png",
        "/pictures/../../secret.png",
        "/api/runs/..%2F..",
        "/api/runs/good",
        "/api/runs/good/pictures",
        "/style.css/..",
    ] {
        let answer = served.ask(&format!("GET {path}"), &[]);
        assert!((400..500).contains(&answer.status()), "{path}: {}", answer.0);
    }
    let shown: Vec<String> = served
        .json(&format!("/api/runs/{id}/pictures"))
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["file"].as_str().unwrap().to_string())
        .collect();
    assert_eq!(shown, ["worst.png"]);
}

#[test]
fn foreign_names_and_pages_are_refused_everywhere() {
    let (_house, runs) = house();
    let served = Served::new(&runs);
    let own = format!("http://127.0.0.1:{}", served.port);
    assert_eq!(served.ask("GET /api/runs", &[("Origin", &own)]).status(), 200);
    for path in ["/", "/main.js", "/api/runs", "/pictures/x/y.png", "/nothing"] {
        let line = format!("GET {path}");
        let rebound = served.ask(&line, &[("Host", "evil.example")]);
        assert_eq!(rebound.status(), 403, "{path}");
        assert!(rebound.body().contains("--host"), "{}", rebound.body());
        let foreign = served.ask(&line, &[("Origin", "http://evil.example")]);
        assert_eq!(foreign.status(), 403, "{path}");
    }
    let cross = served.ask("GET /api/runs", &[("Sec-Fetch-Site", "cross-site")]);
    assert_eq!(cross.status(), 403);
    let changed = served.ask("POST /api/runs/x/examine", &[("Origin", "http://evil.example")]);
    assert_eq!(changed.status(), 403);
    for line in ["PUT /", "DELETE /api/runs", "POST /api/runs", "OPTIONS /api/runs"] {
        assert_eq!(served.ask(line, &[]).status(), 405, "{line}");
    }
}

#[test]
fn every_answer_keeps_the_page_to_itself() {
    let (_house, runs) = house();
    let served = Served::new(&runs);
    for path in ["/", "/main.js", "/api/runs", "/nothing"] {
        let answer = served.ask(&format!("GET {path}"), &[]);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
}

#[test]
fn over_a_network_a_token_is_needed_and_paths_are_hidden() {
    let (house, runs) = house();
    let served = Served::at(&runs, Some("0.0.0.0"));
    let token = served.url.split_once("?token=").unwrap().1;
    for path in ["/", "/main.js", "/api/runs", "/?token=0", "/api/runs?token=0"] {
        let answer = served.ask(&format!("GET {path}"), &[]);
        assert_eq!(answer.status(), 401, "{path}");
        assert!(answer.body().contains("gradwise view"), "{}", answer.body());
    }
    let entered = served.ask(&format!("GET /?token={token}"), &[]);
    assert_eq!((entered.status(), entered.header("location")), (303, Some("/")));
    let cookie = entered.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    let ask = |line: &str| served.ask(line, &[("Cookie", cookie)]);
    let list: serde_json::Value = loop {
        let list = serde_json::from_str(ask("GET /api/runs?since=0").body()).unwrap();
        let list: serde_json::Value = list;
        if list["runs"].as_array().is_some_and(|runs| !runs.is_empty()) {
            break list;
        }
    };
    let id = list["runs"][0]["id"].as_str().unwrap();
    let settings = ask(&format!("GET /api/settings?runs={id}"));
    assert!(settings.body().contains("…/x.csv"), "{}", settings.0);
    let place = house.path().display().to_string();
    for path in
        ["/api/runs?since=0".into(), format!("/api/runs/{id}"), format!("/api/settings?runs={id}")]
    {
        assert!(!ask(&format!("GET {path}")).0.contains(&place), "{path}");
    }
    assert_eq!(ask(&format!("POST /api/runs/{id}/examine")).status(), 403);
}
