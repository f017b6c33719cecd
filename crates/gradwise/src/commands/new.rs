//! `gradwise new`: a run file for data, each choice with its reason.
//!
//! The choices are those of the lecture's quick guide (row L17): ReLU first, drawn
//! as He et al. (2015) say, inputs centred and of one size, a loss that fits the
//! answer; and of a size and a length of training that fit the number of rows.

use crate::failure::Failure;
use crate::output;
use clap::Args;
use gradwise_data::{DataSpec, Description, Label, Task, describe};
use gradwise_view::terminal::clean;
use std::path::{Path, PathBuf};

/// Looks at data and writes a run file for them.
///
/// Every choice stands there with its reason. Columns that only label rows, such as a
/// name or a number that differs in each, are left out by data.ignore: they say nothing of
/// another row.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gradwise new digits -o digits.toml\n  \
    gradwise new houses.csv --target price -o houses.toml")]
pub struct New {
    /// A known data set or a path, as `gradwise data` takes them.
    #[arg(value_name = "DATA")]
    source: String,
    /// The run file to write [default: standard output].
    #[arg(short, long, value_name = "RUN.toml")]
    output: Option<PathBuf>,
    /// The target column of a table; can be given several times.
    #[arg(long, value_name = "COLUMN")]
    target: Vec<String>,
    /// classification, binary, multilabel or regression [default: by the target].
    #[arg(long)]
    task: Option<Task>,
    /// Writes over a file that is there.
    #[arg(long)]
    force: bool,
}

impl New {
    /// Looks and writes.
    pub fn run(self) -> Result<(), Failure> {
        let taken = self.output.as_ref().filter(|file| file.exists() && !self.force);
        if let Some(file) = taken {
            let file = file.display();
            return Err(Failure::usage(format!("{file} is there already: --force writes over it")));
        }
        let (target, task) = (self.target.clone(), self.task);
        let spec = DataSpec { target, task, ..DataSpec::new(self.source.as_str()) };
        let description = describe(&spec)?;
        let Some(task) = description.task else {
            let target = description.target.join(", ");
            let what = format!("{}: column {target:?} cannot be learnt", self.source);
            return Err(Failure::usage(format!("{what}; name the target with --target COLUMN")));
        };
        let text = run_file(&description, task, &self.source_from_file(), &self.target);
        match &self.output {
            None => output::print(&text),
            Some(file) => {
                output::write(file, text.as_bytes())?;
                let file = output::quoted_path(file);
                for left in &description.left_out {
                    let (column, reason) = (clean(&left.column), clean(&left.reason));
                    output::say(&format!("column {column} is not used: {reason}"));
                }
                for label in &description.labels {
                    let what = match ignored(&description).any(|l| l == label) {
                        true => "data.ignore leaves it out",
                        false => "if that only counts them, put it into data.ignore",
                    };
                    let (column, reason) = (clean(&label.column), clean(&label.reason));
                    output::say(&format!("column {column}: {reason}; {what}"));
                }
                if description.target_is_guess {
                    output::say(&format!(
                        "the target is a guess: {}; --target COLUMN names another",
                        description.target.join(", ")
                    ));
                }
                output::say(&format!("wrote {file}; next: gradwise train {file}"));
                Ok(())
            }
        }
    }

    /// The source as the run file has to name it: paths in a run file start there.
    fn source_from_file(&self) -> String {
        let path = Path::new(&self.source);
        let folder = self.output.as_ref().and_then(|file| file.parent());
        let elsewhere = folder.is_some_and(|folder| !folder.as_os_str().is_empty());
        if !elsewhere || !path.exists() {
            return self.source.clone();
        }
        std::path::absolute(path).map_or(self.source.clone(), |path| path.display().to_string())
    }
}

/// A run file that is being written: lines with reasons.
struct Writer(String);

impl Writer {
    fn section(&mut self, name: &str) {
        self.0 += &format!("\n[{name}]\n");
    }

    /// A key, its value, and why.
    fn key(&mut self, name: &str, value: &str, why: &str) {
        self.0 += &why.split('\n').map(|line| format!("# {line}\n")).collect::<String>();
        self.0 += &format!("{name} = {value}\n");
    }

    fn plain(&mut self, name: &str, value: &str) {
        self.0 += &format!("{name} = {value}\n");
    }
}

fn run_file(data: &Description, task: Task, source: &str, target: &[String]) -> String {
    let mut file = Writer(format!(
        "# Written by `gradwise new`. `gradwise train --keys` tells of every key.\n\
         # {}\n\nseed = 0\n",
        found(data, task)
    ));
    file.section("data");
    file.plain("source", &quoted(source));
    write_target(&mut file, data, target);
    file.plain("task", &quoted(&task.to_string()));
    write_ignored(&mut file, data);
    write_rows(&mut file, data, task);
    if task == Task::Regression {
        let why = "Targets count in units of their spread: raw ones may be far from what fresh\n\
                   weights give, and the first steps then far too large or too small.";
        file.key("scale-target", "true", why);
    }
    write_model(&mut file, data);
    write_loss(&mut file, data, task);
    write_train(&mut file, data);
    file.0
}

fn found(data: &Description, task: Task) -> String {
    let answer = match task {
        Task::Regression => "numbers to predict".to_string(),
        Task::Multilabel => format!("{} labels", data.target.len()),
        _ => format!("{} classes", data.classes.len()),
    };
    let first = if data.is_start { "By its first " } else { "" };
    format!("{first}{} rows of {} features, {answer}.", data.rows, data.features)
}

/// The target: of a table always, as the file does not say which column it is.
fn write_target(file: &mut Writer, data: &Description, named: &[String]) {
    let names: Vec<String> = data.target.iter().map(|name| quoted(name)).collect();
    let value = match names.as_slice() {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    };
    if !named.is_empty() {
        file.plain("target", &value);
    } else if data.target_is_guess {
        file.key("target", &value, "A guess. --target COLUMN names another.");
    } else if !names.is_empty() && Path::new(&data.source).is_file() && data.image.is_none() {
        file.key("target", &value, "By its name. --target COLUMN names another.");
    }
}

/// The columns that are left out because they are labels of rows; none if nothing else
/// were left to learn from.
fn ignored(data: &Description) -> impl Iterator<Item = &Label> {
    let certain = || data.labels.iter().filter(|label| label.is_certain);
    let used = data.features - data.left_out.len().min(data.features);
    certain().take(if certain().count() < used { usize::MAX } else { 0 })
}

/// The labels of rows, those that may be some, and columns that are not used.
fn write_ignored(file: &mut Writer, data: &Description) {
    let plain = |text: &str| text.replace(|c: char| c.is_control(), " ");
    let line = |label: &Label| format!("{}: {}.", plain(&label.column), plain(&label.reason));
    for left in &data.left_out {
        let (column, reason) = (plain(&left.column), plain(&left.reason));
        file.0 += &format!("# {column} is not used: {reason}.\n");
    }
    let names: Vec<String> = ignored(data).map(|label| quoted(&label.column)).collect();
    if !names.is_empty() {
        let mut why: Vec<String> = ignored(data).map(line).collect();
        why.push("What labels a row says nothing of another one.".into());
        file.key("ignore", &format!("[{}]", names.join(", ")), &why.join("\n"));
    }
    for label in data.labels.iter().filter(|label| !label.is_certain) {
        file.0 += &format!("# {} If that counts them, add it to ignore.\n", line(label));
    }
}

fn write_rows(file: &mut Writer, data: &Description, task: Task) {
    match data.test_rows {
        None => file.key(
            "split",
            "{ train = 0.8, validation = 0.1, test = 0.1 }",
            match task {
                Task::Classification | Task::Binary => {
                    "Validation rows decide, test rows only score; both are drawn by class."
                }
                _ => "Validation rows decide, test rows only score; both are drawn at random.",
            },
        ),
        Some(rows) => {
            let why = format!("The data have {rows} test rows of their own.");
            file.key("split", "{ train = 0.9, validation = 0.1 }", &why);
        }
    }
    let (steps, why) = preprocess(data);
    file.key("preprocess", steps, why);
}

/// What is done to the features, and why.
fn preprocess(data: &Description) -> (&'static str, &'static str) {
    let colour = data.image.is_some_and(|image| image.channels > 1);
    let most = data.values.map_or(0.0, |values| values.max);
    match (data.image.is_some() && most > 1.0, colour) {
        (true, true) => (
            "[\"scale(255)\", \"channel-mean\"]",
            "Bytes become 0 … 1, and each colour gets mean 0: inputs that are all positive\n\
             give all weights of a unit gradients of one sign.",
        ),
        (true, false) if most <= 16.0 => (
            "[\"scale(16)\", \"mean-image\"]",
            "Pixels are 0 … 16: they become 0 … 1, and each gets mean 0.",
        ),
        (true, false) => {
            ("[\"scale(255)\", \"mean-image\"]", "Bytes become 0 … 1, and each pixel gets mean 0.")
        }
        (false, _) => (
            "[\"standardize\"]",
            "Columns differ in size: each gets mean 0 and standard deviation 1, as one\n\
             learning rate has to fit them all.",
        ),
    }
}

fn write_model(file: &mut Writer, data: &Description) {
    file.section("model");
    let widths: &[usize] = match (data.rows, data.features) {
        (..500, _) => &[32],
        (..5_000, _) => &[128, 64],
        (_, ..64) => &[128, 64],
        (..20_000, _) => &[256, 128],
        _ => &[512, 256],
    };
    let layers: Vec<String> =
        widths.iter().map(|n| format!("{{ kind = \"dense\", units = {n} }}")).collect();
    let why = "Wide enough for so many rows; more layers once this is learnt well.";
    file.key("layers", &format!("[{}]", layers.join(", ")), why);
    file.key(
        "activation",
        "\"relu\"",
        "ReLU first; then leaky-relu(0.01), elu or maxout(2). Sigmoid saturates and hardly\n\
         learns in hidden layers; tanh is better, but saturates too.",
    );
    file.key("init", "\"he\"", "Keeps the variance from layer to layer where units are ReLUs.");
    let overfits = data.rows >= 500 && data.rows < 20_000 && data.features >= 16;
    if overfits {
        file.key(
            "dropout",
            "0.2",
            "Few rows for so many weights: this keeps them from being learnt by heart.",
        );
    }
}

fn write_loss(file: &mut Writer, data: &Description, task: Task) {
    file.section("loss");
    let (kind, why) = match task {
        Task::Classification => (
            "cross-entropy",
            "With a softmax output: probabilities of classes, of which one is right.",
        ),
        Task::Binary => {
            ("binary-cross-entropy", "With a sigmoid output: the probability of the second class.")
        }
        Task::Multilabel => {
            ("binary-cross-entropy", "With sigmoid outputs: a probability for each label.")
        }
        Task::Regression => {
            ("l2", "Its optimum is the mean; \"l1\" has the median, and bears outliers.")
        }
    };
    file.key("kind", &quoted(kind), why);
    if is_unbalanced(data) {
        file.key(
            "class-weights",
            "\"balanced\"",
            "Some classes have over ten times the rows of others: without this the rare ones\n\
             may never be predicted. It costs accuracy, but not recall.",
        );
    }
}

fn is_unbalanced(data: &Description) -> bool {
    let counts = || data.classes.iter().map(|(_, rows)| *rows);
    let (least, most) = (counts().min().unwrap_or(0), counts().max().unwrap_or(0));
    most > 10 * least.max(1)
}

fn write_train(file: &mut Writer, data: &Description) {
    file.section("train");
    let (batch, lr) = match data.rows {
        ..1_000 => (16, "0.005"),
        1_000..5_000 => (32, "0.002"),
        _ => (128, "0.001"),
    };
    // About three thousand steps teach a small problem, and no fewer than ten
    // epochs a large one.
    let epochs = (3_000 * batch / data.rows.max(1)).clamp(10, 100);
    file.plain("epochs", &epochs.to_string());
    file.plain("batch", &batch.to_string());
    file.key(
        "optimizer",
        "\"adam\"",
        "Finds its step for each weight: little depends on the learning rate.",
    );
    file.plain("lr", lr);
    file.key("schedule", "\"cosine\"", "Large steps first, small ones to settle.");
    let why = "Ends after so many epochs without a lower validation loss: what is learnt then is\n\
               the rows by heart. The best epoch's weights are kept.";
    file.key("early-stop", "5", why);
}

/// A TOML string: JSON's escapes are TOML's too.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_train::runfile;

    /// What is written must be what `train` reads, whatever the data are.
    #[test]
    fn every_file_written_can_be_read() {
        let sources =
            ["digits", "iris", "wine", "breast-cancer", "spirals(3000, 0.05, 3)", "xor(30)"];
        for source in sources {
            let description = describe(&DataSpec::new(source)).unwrap();
            let text = run_file(&description, description.task.unwrap(), source, &[]);
            let checked = runfile::parse(&text, Path::new("run.toml"), &[]);
            checked.unwrap_or_else(|error| panic!("{source}: {error}\n{text}"));
        }
    }

    #[test]
    fn the_file_says_which_column_is_the_target() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        let rows: String = (0..30).map(|i| format!("{i},{}.5,{}\n", i % 7, i % 4)).collect();
        std::fs::write(&path, format!("target,a,b\n{rows}")).unwrap();
        let source = path.display().to_string();
        let description = describe(&DataSpec::new(&source)).unwrap();
        let text = run_file(&description, Task::Regression, &source, &[]);
        assert!(text.contains("target = \"target\"") && text.contains("drawn at random"), "{text}");
    }

    #[test]
    fn a_column_that_is_not_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        let row = |i: usize| {
            format!("{}-{:02}-{:02},{},{}\n", 2000 + i, 1 + i % 12, 1 + i % 28, i % 7, i % 2)
        };
        std::fs::write(&path, format!("day,x,y\n{}", (0..60).map(row).collect::<String>()))
            .unwrap();
        let description = describe(&DataSpec::new(path.display().to_string())).unwrap();
        let text = run_file(&description, description.task.unwrap(), "rows.csv", &[]);
        assert!(text.contains("# day is not used: 60 different texts in 60 rows"), "{text}");
    }

    #[test]
    fn labels_of_rows_are_left_out_with_a_reason_unless_nothing_else_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        let source = path.display().to_string();
        let written = |header: &str, row: fn(usize) -> String| {
            let rows: String = (0..40).map(row).collect();
            std::fs::write(&path, format!("{header}\n{rows}")).unwrap();
            let description = describe(&DataSpec::new(&source)).unwrap();
            let text = run_file(&description, description.task.unwrap(), &source, &[]);
            runfile::parse(&text, Path::new("run.toml"), &[]).unwrap();
            text
        };
        let text = written("id,x,y", |i| format!("{i},{},{}\n", i % 7, i % 2));
        assert!(text.contains("# id: it is called so"), "{text}");
        assert!(text.contains("ignore = [\"id\"]"), "{text}");
        let text = written("id,y", |i| format!("{i},{}\n", i % 2));
        assert!(!text.contains("ignore = "), "{text}");
        let text = written("x,z,y", |i| format!("{i},{},{}\n", i % 7, i % 2));
        assert!(!text.contains("ignore = ") && text.contains("# x: it has another"), "{text}");
    }

    #[test]
    fn names_with_quotes_stay_names() {
        assert_eq!(quoted("a\"b\\c\n"), r#""a\"b\\c\n""#);
    }
}
