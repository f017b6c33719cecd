//! The real data sets, where the folder `../shared/data` is beside the project; each
//! test is skipped, by name, where it is not.

use gradwise_data::{Data, DataSpec, Preprocess, Set, Task, open};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The path of a file of the shared data, or a note that the test is skipped.
fn shared(test: &str, name: &str) -> Option<String> {
    let roots = ["../../../shared/data", "../../../../shared/data"];
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let found = roots.iter().map(|root| own.join(root).join(name)).find(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped {test}: {name} is not there");
    }
    found.map(|path| path.display().to_string())
}

fn timed(spec: &DataSpec) -> (Data, Duration) {
    let start = Instant::now();
    let data = open(spec).unwrap();
    let time = start.elapsed();
    eprintln!("{}: {time:?}", spec.source);
    (data, time)
}

fn first_row(set: &Set) -> Vec<f32> {
    let mut row = vec![0.0; set.columns()];
    set.gather(&[0], &mut row, set.columns()).unwrap();
    row
}

#[test]
fn adult_is_read_with_its_own_test_file() {
    let test = "adult_is_read_with_its_own_test_file";
    let Some(train) = shared(test, "tabular/adult-train.csv.gz") else { return };
    let mut spec = DataSpec::new(&train);
    spec.test = Some(train.replace("train", "test"));
    spec.target = vec!["income-per-year".into()];
    spec.preprocess = vec![Preprocess::Standardize];
    let (data, time) = timed(&spec);
    assert_eq!(data.train.rows() + data.validation.unwrap().rows(), 32_561);
    assert_eq!(data.test.unwrap().rows(), 16_281);
    assert_eq!(
        (data.schema.task, data.schema.classes.join(" ")),
        (Task::Binary, "<=50K >50K".into())
    );
    assert!(data.schema.feature_names().contains(&"occupation missing".to_string()));
    assert!(time < Duration::from_secs(2), "{time:?}");
}

#[test]
fn california_has_its_missing_values() {
    let test = "california_has_its_missing_values";
    let Some(path) = shared(test, "tabular/california-housing.csv.gz") else { return };
    let mut spec = DataSpec::new(&path);
    spec.target = vec!["median_house_value".into()];
    let (data, _) = timed(&spec);
    assert_eq!((data.schema.task, data.train.columns()), (Task::Regression, 8 + 1 + 5));
    let names = data.schema.feature_names();
    let column = names.iter().position(|n| n == "total_bedrooms missing").unwrap();
    let parts = [Some(data.train), data.validation, data.test];
    let missing = |set: &Set| {
        let rows: Vec<u32> = (0..set.rows() as u32).collect();
        let mut values = vec![0.0; set.rows() * set.columns()];
        set.gather(&rows, &mut values, set.columns()).unwrap();
        values.chunks(set.columns()).map(|row| row[column]).sum::<f32>()
    };
    assert_eq!(parts.iter().flatten().map(missing).sum::<f32>(), 207.0);
}

#[test]
fn auto_mpg_leaves_names_out() {
    let Some(path) = shared("auto_mpg_leaves_names_out", "tabular/auto-mpg.csv") else { return };
    let mut spec = DataSpec::new(&path);
    spec.target = vec!["mpg".into()];
    let (data, _) = timed(&spec);
    assert_eq!(data.schema.left_out[0].column, "name");
    assert_eq!(data.train.columns(), 7);
}

#[test]
fn mnist_is_read_from_its_official_files() {
    let Some(path) = shared("mnist_is_read_from_its_official_files", "mnist") else { return };
    let mut spec = DataSpec::new(&path);
    spec.preprocess = vec![Preprocess::Scale(255.0), Preprocess::MeanImage];
    let (data, time) = timed(&spec);
    assert_eq!((data.train.rows(), data.validation.unwrap().rows()), (54_000, 6_000));
    let test = data.test.unwrap();
    assert_eq!((test.rows(), test.columns()), (10_000, 784));
    assert_eq!(first_row(&test.raw())[202], 84.0);
    assert_eq!(test.class_counts(10).unwrap()[..3], [980, 1135, 1032]);
    assert!(time < Duration::from_secs(3), "{time:?}");
}

#[test]
fn cifar_is_read_from_its_archive_and_its_folder() {
    let test = "cifar_is_read_from_its_archive_and_its_folder";
    let Some(path) = shared(test, "cifar-10-binary.tar.xz") else { return };
    let (data, _) = timed(&DataSpec::new(&path));
    assert_eq!((data.train.rows(), data.validation.unwrap().rows()), (45_000, 5_000));
    assert_eq!(data.schema.classes[3], "cat");
    let test = data.test.unwrap();
    assert_eq!(test.class_counts(10).unwrap(), [1000; 10]);
    // The first test image is a cat whose red channel starts 158 159 165.
    assert_eq!(first_row(&test)[..3], [158.0, 159.0, 165.0]);
}

#[test]
fn images_are_read_from_their_archive() {
    let test = "images_are_read_from_their_archive";
    let Some(path) = shared(test, "imagenette-small.tar") else { return };
    let (data, _) = timed(&DataSpec::new(&path));
    let validation = data.validation.unwrap();
    assert_eq!((data.train.rows() + data.test.unwrap().rows(), validation.rows()), (1000, 400));
    assert_eq!(validation.class_counts(10).unwrap(), [40; 10]);
    assert_eq!(data.train.columns(), 3 * 32 * 32);
}
