//! Tables on disk beside the same tables in memory.

use gradwise_data::{Data, DataError, DataSpec, Memory, Missing, Set, Split, Task, Visit, Watcher};
use gradwise_data::{open, open_for};
use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A table with numbers, missing cells, categories, texts that are names, and a class.
fn table(rows: usize) -> String {
    let mut text = String::from("a,b,colour,name,class,c\n");
    for i in 0..rows {
        let b = if i % 7 == 3 { String::new() } else { format!("{}", i as f64 / 8.0 - 9.0) };
        let colour = ["red", "green", "\"light, blue\"", "?"][i * i % 4];
        let class = if i % 5 == 1 { "rare" } else { "often" };
        writeln!(text, "{},{b},{colour},n{i},{class},{:.5}", i % 100, (i as f64).sin()).unwrap();
    }
    text
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// The same data in memory, and from disk with so little memory that even small tables
/// are windows of a file.
fn both(spec: &DataSpec, folder: &Path) -> [Result<Data, DataError>; 2] {
    let streamed = DataSpec {
        memory: Some(Memory { bytes: 10_000 }),
        cache: Some(folder.join("cache")),
        ..spec.clone()
    };
    [open(&DataSpec { memory: Some(Memory { bytes: u64::MAX }), ..spec.clone() }), open(&streamed)]
}

/// All rows of a set with their answers, bit by bit.
fn rows(set: &Set) -> Vec<Vec<u32>> {
    let all: Vec<u32> = (0..set.rows() as u32).collect();
    let (columns, outputs) = (set.columns(), set.target_columns());
    let (mut x, mut y) = (vec![0.0; all.len() * columns], vec![0.0; all.len() * outputs]);
    set.gather(&all, &mut x, columns).unwrap();
    if set.has_targets() {
        set.targets(&all, &mut y).unwrap();
    }
    let bits = |values: &[f32]| values.iter().map(|x| x.to_bits()).collect::<Vec<u32>>();
    let answer = |row: usize| bits(&y[row * outputs..(row + 1) * outputs]);
    (0..all.len())
        .map(|row| [bits(&x[row * columns..(row + 1) * columns]), answer(row)].concat())
        .collect()
}

fn assert_same(memory: &Data, disk: &Data) {
    assert!(memory.streamed.is_none() && disk.streamed.is_some());
    assert_eq!((&memory.schema, &memory.pipeline), (&disk.schema, &disk.pipeline));
    let parts =
        |data: &Data| [Some(data.train.clone()), data.validation.clone(), data.test.clone()];
    for (memory, disk) in parts(memory).into_iter().zip(parts(disk)) {
        assert_eq!(memory.is_some(), disk.is_some());
        let (Some(memory), Some(disk)) = (memory, disk) else { continue };
        assert_eq!(memory.rows(), disk.rows());
        assert_eq!(rows(&memory), rows(&disk));
        assert_eq!(rows(&memory.raw()), rows(&disk.raw()));
        let places = |set: &Set| (0..set.rows()).map(|r| set.source_row(r)).collect::<Vec<_>>();
        assert_eq!(places(&memory), places(&disk));
        assert_eq!(memory.class_counts(2).unwrap(), disk.class_counts(2).unwrap());
    }
}

#[test]
fn a_table_on_disk_is_the_table_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let source = write(folder.path(), "a.csv", &table(3000));
    let base = DataSpec { ..DataSpec::new(&source) };
    let steps = |steps: &[&str]| steps.iter().map(|s| s.parse().unwrap()).collect::<Vec<_>>();
    let variants = [
        DataSpec { preprocess: steps(&["standardize"]), ..base.clone() },
        DataSpec { preprocess: steps(&["min-max", "pca(3)", "standardize"]), ..base.clone() },
        DataSpec { limit: Some(2000), missing: Missing::Mean, seed: 5, ..base.clone() },
        DataSpec { shuffle: false, ignore: vec!["b".into()], ..base.clone() },
        DataSpec { fold: Some("2/5".parse().unwrap()), ..base.clone() },
        DataSpec { categorical: vec!["a".into()], numeric: vec!["c".into()], ..base.clone() },
        DataSpec { target: vec!["c".into(), "a".into()], ..base.clone() },
        DataSpec { split: Split::new(Some(1.0), None, None).unwrap(), ..base.clone() },
    ];
    for spec in variants {
        let [memory, disk] = both(&spec, folder.path());
        assert_same(&memory.unwrap(), &disk.unwrap());
    }
}

#[test]
fn other_files_are_read_as_the_main_one() {
    let folder = tempfile::tempdir().unwrap();
    let text = table(40).replacen("green", "unheard of", 1);
    let own = write(folder.path(), "b.csv", &text);
    let source = write(folder.path(), "a.csv", &table(3000));
    let spec = DataSpec { test: Some(own.clone()), ..DataSpec::new(source) };
    let [memory, disk] = both(&spec, folder.path());
    let (memory, disk) = (memory.unwrap(), disk.unwrap());
    assert_same(&memory, &disk);
    let unseen = |data: &Data| data.test.as_ref().unwrap().unseen().to_vec();
    assert_eq!(unseen(&memory)[0].values, ["unheard of"]);
    assert_eq!(unseen(&memory), unseen(&disk));
    let streamed = DataSpec {
        memory: Some(Memory { bytes: 100 }),
        cache: Some(folder.path().join("cache")),
        ..spec
    };
    let of = |data: &Data, spec: &DataSpec, targets| {
        rows(&open_for(&data.schema, &data.pipeline, &own, targets, spec).unwrap())
    };
    for targets in [true, false] {
        assert_eq!(of(&memory, &DataSpec::new(""), targets), of(&disk, &streamed, targets));
    }
}

/// Numbers, then texts: what was taken for numbers is read again as categories.
#[test]
fn a_column_is_what_all_of_its_cells_say() {
    let folder = tempfile::tempdir().unwrap();
    let row = |i: usize| {
        let late = if i < 2500 { (i % 3).to_string() } else { "x".into() };
        format!("{late},{},{}\n", i % 2, i % 17)
    };
    let text: String = (0..4000).map(row).collect();
    let source = write(folder.path(), "a.csv", &format!("late,y,z\n{text}"));
    let [memory, disk] = both(&DataSpec::new(source), folder.path());
    assert_same(&memory.unwrap(), &disk.unwrap());
}

#[test]
fn mistakes_are_told_as_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let good: String = (0..3000).map(|i| format!("{i},{}\n", i % 2)).collect();
    let with = |line: &str| format!("x,y\n{good}{line}\n{good}");
    for (line, target) in
        [("1", "y"), ("1,2,3", "y"), ("l,1", "y"), ("1e39,1", "y"), ("1,", "y"), ("1,1", "z")]
    {
        let source = write(folder.path(), "a.csv", &with(line));
        let spec = DataSpec { target: vec![target.into()], ..DataSpec::new(source) };
        let [memory, disk] = both(&spec, folder.path()).map(|data| data.unwrap_err().to_string());
        assert_eq!(memory, disk);
    }
    let source = write(folder.path(), "a.csv", "x,y\n");
    let [memory, disk] =
        both(&DataSpec::new(source), folder.path()).map(|data| data.unwrap_err().to_string());
    assert!(memory.contains("no rows") && disk.contains("no rows"), "{memory} {disk}");
}

#[test]
fn gzipped_and_odd_text_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let text: String = (0..3000).map(|i| format!("{i};\"{}\"\r\n", i % 2)).collect();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, format!("\u{feff}x;y\r\n\r\n{text}").as_bytes())
        .unwrap();
    let path = folder.path().join("a.csv.gz");
    std::fs::write(&path, packed.finish().unwrap()).unwrap();
    let [memory, disk] = both(&DataSpec::new(path.display().to_string()), folder.path());
    assert_same(&memory.unwrap(), &disk.unwrap());
}

fn visited(set: &Set, epochs: std::ops::Range<u64>, skip: usize, most: usize) -> Vec<Vec<u32>> {
    let (columns, outputs) = (set.columns(), set.target_columns());
    let mut visit = Visit::start(set, 3, epochs, skip).unwrap();
    let (mut x, mut y) = (vec![0.0; most * columns], vec![0.0; most * outputs]);
    let mut all = Vec::new();
    loop {
        let count = visit.fill(most, (&mut x, columns), &mut y).unwrap();
        if count == 0 {
            return all;
        }
        for row in 0..count {
            let (x, y) = (&x[row * columns..][..columns], &y[row * outputs..][..outputs]);
            all.push([x, y].concat().iter().map(|x| x.to_bits()).collect());
        }
    }
}

#[test]
fn an_epoch_visits_every_row_once_in_an_order_that_repeats() {
    let folder = tempfile::tempdir().unwrap();
    let source = write(folder.path(), "a.csv", &table(9000));
    let [memory, disk] = both(&DataSpec::new(source), folder.path()).map(Result::unwrap);
    assert!(disk.train.is_streamed());
    let rows_of = disk.train.rows();
    let two = visited(&disk.train, 0..2, 0, 100);
    let sorted = |rows: &[Vec<u32>]| {
        let mut rows = rows.to_vec();
        rows.sort_unstable();
        rows
    };
    let all = sorted(&rows(&memory.train));
    assert_eq!((sorted(&two[..rows_of]), sorted(&two[rows_of..])), (all.clone(), all));
    assert_ne!(two[..rows_of], two[rows_of..]);
    for skip in [100, 3300, 7100] {
        assert_eq!(visited(&disk.train, 0..2, skip, 100), two[skip..]);
    }
    assert_eq!(visited(&disk.train, 1..2, 500, 64), two[rows_of + 500..]);
    // Neighbours in the file are far apart.
    let ids: Vec<f32> = two[..rows_of].iter().map(|row| f32::from_bits(row[1])).collect();
    let near = ids.windows(2).filter(|pair| (pair[0] - pair[1]).abs() < 2.0).count();
    assert!(near < rows_of / 20, "{near}");
}

#[test]
fn a_conversion_is_kept_until_its_source_changes() {
    let folder = tempfile::tempdir().unwrap();
    let source = write(folder.path(), "a.csv", &table(3000));
    let count = Arc::new(AtomicUsize::new(0));
    let told = count.clone();
    let watcher = Watcher::new(move |news| {
        told.fetch_add(usize::from(news.is_some()), Ordering::Relaxed);
        ControlFlow::Continue(())
    });
    let spec = DataSpec { watcher, ..DataSpec::new(&source) };
    let cache = folder.path().join("cache");
    let entries = || {
        let names = std::fs::read_dir(&cache).unwrap().map(|e| e.unwrap().file_name());
        let mut names: Vec<_> = names.filter(|n| !n.to_str().unwrap().ends_with("lock")).collect();
        names.sort_unstable();
        names
    };
    let first = both(&spec, folder.path())[1].as_ref().unwrap().train.rows();
    let kept = entries();
    assert_eq!(kept.len(), 1);
    let reseeded = DataSpec { seed: 9, ..spec.clone() };
    assert_eq!(both(&reseeded, folder.path())[1].as_ref().unwrap().train.rows(), first);
    assert_eq!(entries(), kept);
    // A file that lost bytes is no conversion.
    let features = cache.join(&kept[0]).join("features.f32");
    std::fs::File::options().write(true).open(&features).unwrap().set_len(100).unwrap();
    std::fs::create_dir(cache.join(".writing-crashed")).unwrap();
    let [memory, disk] = both(&spec, folder.path());
    assert_same(&memory.unwrap(), &disk.unwrap());
    assert_eq!(entries(), kept);
    write(folder.path(), "a.csv", &table(2000));
    let [memory, disk] = both(&spec, folder.path());
    assert_same(&memory.unwrap(), &disk.unwrap());
    let other = entries();
    assert!(other.len() == 1 && other != kept);
}

#[test]
fn reading_can_be_stopped_and_a_folder_refused() {
    let folder = tempfile::tempdir().unwrap();
    let source = write(folder.path(), "a.csv", &table(3000));
    let stop = Watcher::new(|_| ControlFlow::Break(()));
    let spec = DataSpec { watcher: stop, ..DataSpec::new(&source) };
    assert!(matches!(both(&spec, folder.path())[1], Err(DataError::Stopped { .. })));
    let memory = Some(Memory { bytes: 1000 });
    let cache = Some(write(folder.path(), "file", "no folder").into());
    let error = open(&DataSpec { memory, cache, ..DataSpec::new(source) }).unwrap_err();
    assert!(
        error.to_string().contains("name a folder that can be written in data.cache"),
        "{error}"
    );
}

#[test]
fn a_parquet_table_on_disk_is_the_table_in_memory() {
    use gradwise_data::write::{Cells, parquet};
    let folder = tempfile::tempdir().unwrap();
    let numbers = |f: fn(usize) -> f32| Cells::Numbers((0..4000).map(f).collect());
    let texts = (0..4000).map(|i| ["a", "b", "?"][i % 3].to_string()).collect();
    let columns = [
        ("x", numbers(|i| if i % 9 == 2 { f32::NAN } else { i as f32 })),
        ("t", Cells::Texts(texts)),
        ("y", numbers(|i| (i % 4) as f32)),
        ("n", numbers(|i| (i % 11) as f32)),
    ];
    let path = folder.path().join("a.parquet");
    std::fs::write(&path, parquet("a", &columns).unwrap()).unwrap();
    let source = path.display().to_string();
    for categorical in [vec![], vec!["n".into()]] {
        let spec = DataSpec { categorical, ..DataSpec::new(&source) };
        let [memory, disk] = both(&spec, folder.path());
        let (memory, disk) = (memory.unwrap(), disk.unwrap());
        assert_eq!(disk.schema.task, Task::Classification);
        assert_same(&memory, &disk);
    }
}
