//! `gradwise graph`: the compute graph of a run, drawn.

use super::options::{self, Pair};
use crate::failure::Failure;
use crate::{output, pictures};
use clap::{Args, ValueEnum};
use gradwise_data::Set;
use gradwise_graph::{Feeds, NodeId, Tensor};
use gradwise_train::folder::model::Model;
use gradwise_train::run::Program;
use gradwise_train::runfile::{Checked, Resolved};
use gradwise_view::graph::{Detail, Options, Values, draw, to_dot, to_json};
use std::path::{Path, PathBuf};

/// Draws the compute graph of a run: what a training step does, forward and
/// backward, with the shapes of all values.
///
/// Of a run folder, values are those of the trained model.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gradwise graph run.toml -o net.svg\n  \
    gradwise graph run.toml --values 3 -o net.png\n  \
    gradwise graph runs/run-1 --json | jq '.nodes | length'")]
pub struct Graph {
    /// The run file, or a run folder.
    #[arg(value_name = "RUN.toml")]
    run: PathBuf,
    /// The picture to write, by its ending .svg, .png, .dot or .json; - is standard
    /// output, as SVG [default: NAME.svg].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Puts values and gradients of a training row on the edges; rows count from 1.
    #[arg(long, value_name = "ROW", num_args = 0..=1, default_missing_value = "1")]
    values: Option<usize>,
    /// Draws every node instead of folding element-wise chains.
    #[arg(long)]
    full: bool,
    /// Draws the operations of the optimizer too.
    #[arg(long)]
    update: bool,
    /// Draws only the pass from the input to the loss.
    #[arg(long, conflicts_with = "update")]
    forward: bool,
    /// Puts a value over that of the run file.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = options::pair)]
    sets: Vec<Pair>,
    /// Prints the graph as one JSON document.
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

/// What a graph is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Svg,
    Png,
    Dot,
    Json,
}

impl Graph {
    /// Draws.
    pub fn run(self) -> Result<(), Failure> {
        let format = self.format()?;
        let checked = options::load(&self.run, &self.sets)?;
        let data = gradwise_data::open(&checked.data)?;
        let resolved = checked.resolve(&data)?;
        let program = Program::build(&checked, &resolved)?;
        let results = self.results(&program);
        let values = match self.values {
            Some(row) => Some(self.evaluate(row, &program, &data.train, &checked, &results)?),
            None => None,
        };
        let options = Options {
            detail: if self.full { Detail::Full } else { Detail::Folded },
            update: self.update,
            title: self.title(&resolved),
            results,
        };
        let bytes = self.render(format, &program, &options, values.as_ref())?;
        let file = if self.json { "-".into() } else { self.file() };
        output::write(&file, &bytes)?;
        if file != Path::new("-") {
            output::say(&format!("wrote {}", file.display()));
        }
        Ok(())
    }

    fn format(&self) -> Result<Format, Failure> {
        if self.json {
            return Ok(Format::Json);
        }
        let Some(file) = self.output.as_ref().filter(|file| *file != Path::new("-")) else {
            return Ok(Format::Svg);
        };
        let ending = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
        Format::from_str(ending, true).map_err(|_| {
            let file = file.display();
            Failure::usage(format!("{file}: a graph is written as .svg, .png, .dot or .json"))
        })
    }

    fn file(&self) -> PathBuf {
        let stem = self.run.file_stem().map_or("graph".into(), |stem| stem.to_string_lossy());
        self.output.clone().unwrap_or_else(|| PathBuf::from(format!("{stem}.svg")))
    }

    /// Loss and gradients; the updates are drawn as arrows, or by `--update`.
    fn results(&self, program: &Program) -> Vec<NodeId> {
        let mut results = vec![program.training.loss];
        if !self.forward {
            results.extend(program.gradients.iter().map(|(_, gradient)| *gradient));
        }
        results
    }

    fn title(&self, resolved: &Resolved) -> String {
        let layers = resolved.network.named_layers();
        let words = layers.map(|(_, spec)| format!("{} {}", spec.units, spec.activation));
        let words: Vec<String> =
            std::iter::once(resolved.network.inputs.to_string()).chain(words).collect();
        let name = self.run.file_stem().map_or("graph".into(), |stem| stem.to_string_lossy());
        format!("{name}: {}; {}", words.join(" → "), resolved.loss)
    }

    fn render(
        &self,
        format: Format,
        program: &Program,
        options: &Options,
        values: Option<&Values>,
    ) -> Result<Vec<u8>, Failure> {
        let graph = &program.graph;
        Ok(match format {
            Format::Svg => draw(graph, options, values).to_svg().into_bytes(),
            Format::Png => draw(graph, options, values).to_png(pictures::SCALE)?,
            Format::Dot => to_dot(graph, options, values).into_bytes(),
            Format::Json => (to_json(graph, values).to_string() + "\n").into_bytes(),
        })
    }

    /// The values of one training row, a batch of its own: its gradients are then
    /// those of its own loss.
    fn evaluate(
        &self,
        row: usize,
        program: &Program,
        train: &Set,
        checked: &Checked,
        results: &[NodeId],
    ) -> Result<Values, Failure> {
        let index = row.checked_sub(1).filter(|index| *index < train.rows());
        let Some(index) = index.and_then(|index| u32::try_from(index).ok()) else {
            let rows = train.rows();
            return Err(Failure::usage(format!("there is no training row {row}: 1 to {rows} are")));
        };
        let mut x = vec![0.0; train.columns()];
        train.gather(&[index], &mut x, train.columns())?;
        let mut y = vec![0.0; train.target_columns()];
        train.targets(&[index], &mut y)?;
        let mut feeds = Feeds::new()
            .with("x", row_tensor(&x))
            .with("step", Tensor::scalar(1.0))
            .with("lr", Tensor::scalar(checked.train.lr));
        let labels = program.graph.find_input("y").is_some_and(|y| y.shape().rank() == 1);
        let wide = widen(y);
        feeds.set("y", if labels { Tensor::vector(wide) } else { row_of(wide) });
        self.feed_weights(&mut feeds)?;
        let mut results = results.to_vec();
        if self.update {
            results.extend(program.graph.updates().iter().map(|(_, new)| *new));
        }
        Ok(Values::evaluate(&program.graph, &feeds, 0, &results)?)
    }

    /// Of a run folder, the trained parameters.
    fn feed_weights(&self, feeds: &mut Feeds) -> Result<(), Failure> {
        if !self.run.is_dir() {
            return Ok(());
        }
        for array in Model::read(&self.run)?.parameters {
            if let Some(tensor) = Tensor::new(array.sizes.clone(), widen(array.floats().to_vec())) {
                feeds.set(&array.name, tensor);
            }
        }
        Ok(())
    }
}

fn widen(numbers: Vec<f32>) -> Vec<f64> {
    numbers.into_iter().map(f64::from).collect()
}

fn row_of(numbers: Vec<f64>) -> Tensor {
    Tensor::from_fn([1, numbers.len()], |i| numbers.get(i).copied().unwrap_or(f64::NAN))
}

fn row_tensor(numbers: &[f32]) -> Tensor {
    row_of(widen(numbers.to_vec()))
}
