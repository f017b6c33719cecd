//! A trained model read back: the same scores as in training, names in predictions.

use gradwise_train::model::{Part, Predictions, Trained};
use gradwise_train::run::{Options, Outcome, train};
use gradwise_train::runfile::parse;
use std::path::Path;

fn run(text: &str, out: &Path) -> Outcome {
    let checked = parse(text, &out.join("run.toml"), &[]).unwrap();
    train(checked, Options { out: Some(out.into()), ..Options::default() }).unwrap()
}

const IRIS: &str = r#"
[data]
source = "iris"
preprocess = ["standardize", "zca(0.1)"]
[model]
width = 16
features = "rff(20, 0.1)"
dropout = 0.2
[train]
epochs = 20
batch = 16
momentum = 0.9
lr = 0.05
"#;

#[test]
fn a_model_scores_as_it_did_in_training() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let outcome = run(IRIS, &out);
    let evaluation = Trained::read(&out, None).unwrap().evaluate(None).unwrap();
    assert_eq!(evaluation.part, Part::Test);
    let report = &evaluation.report;
    assert_eq!(report.measures, outcome.summary.test);
    assert_eq!(Some(report), outcome.evaluation.as_ref().map(|e| &e.report));
}

#[test]
fn predictions_carry_the_names_of_classes() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("points.csv");
    let mut rows = String::from("a,b,colour\n");
    for i in 0..60 {
        let (a, colour) = if i % 2 == 0 { (i, "red") } else { (-i, "green") };
        rows += &format!("{a},{},{colour}\n", i % 7);
    }
    std::fs::write(&table, &rows).unwrap();
    let out = folder.path().join("run");
    let text = format!(
        "[data]\nsource = {table:?}\ntarget = \"colour\"\npreprocess = [\"standardize\"]\n\
         [train]\nepochs = 50\nbatch = 10"
    );
    run(&text, &out);
    let new = folder.path().join("new.csv");
    std::fs::write(&new, "b,a\n1,50\n2,-50\n").unwrap();
    let mut trained = Trained::read(&out, None).unwrap();
    let Predictions { classes, columns, rows, .. } =
        trained.predict(new.to_str().unwrap()).unwrap();
    assert_eq!((classes, rows), (vec!["red".to_string(), "green".to_string()], 2));
    assert_eq!(columns, ["probability green", "probability red"]);
    let evaluation = trained.evaluate(table.to_str()).unwrap();
    assert_eq!((evaluation.part, evaluation.report.rows), (Part::File, 60));
    let measures = &evaluation.report.measures;
    assert!(measures["accuracy"].0 > 0.9, "{measures:?}");
    let error = trained.evaluate(new.to_str()).unwrap_err();
    assert_eq!(error.exit_status(), 2);
    assert!(error.to_string().contains("colour"), "{error}");
}

#[test]
fn the_worst_rows_are_kept_as_images_in_order_of_loss() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[data]\nsource = \"digits\"\n[model]\nlayers = []\n[train]\nepochs = 2\n";
    let evaluation = run(text, &folder.path().join("run")).evaluation.unwrap();
    let worst = &evaluation.worst;
    assert!(worst.windows(2).all(|w| w[0].loss >= w[1].loss) && worst[0].loss > 0.5);
    let mean = worst.iter().map(|m| m.loss).sum::<f64>() / worst.len() as f64;
    assert!(mean > evaluation.report.measures["loss"].0);
    let wrong = worst.iter().filter(|m| m.truth != m.prediction).count();
    assert!(wrong > 5 && worst[0].probability.unwrap() > 0.3, "{worst:?}");
    let picture = worst[0].picture.as_ref().unwrap();
    assert_eq!((picture.size.columns(), picture.pixels.len()), (64, 64));
    assert!(worst.iter().any(|m| m.picture.as_ref().unwrap().pixels.contains(&255)));
}

#[test]
fn a_folder_without_a_model_is_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let error = Trained::read(folder.path(), None).err().unwrap();
    assert!(error.to_string().contains("model.safetensors: cannot read"), "{error}");
}
