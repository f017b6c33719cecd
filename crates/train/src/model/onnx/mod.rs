//! A trained model as an ONNX file, for other programs to predict with.
//!
//! The graph goes from `x`, a row of features as pre-processing is given them, to
//! `output`, what the network says: probabilities, scores or numbers in the targets'
//! own units. The fitted pre-processing is part of it. What the columns of `x` and of
//! `output` mean stands in the file's metadata.

mod graph;
mod wire;

use gradwise_data::{Pipeline, Schema, Stage};
use gradwise_nn::{Activation, Features, LayerSpec, NetworkSpec};
use graph::{Attribute, Graph};
use wire::Message;

/// The version of the file format, and that of the operators: of 2021, so that what
/// reads ONNX today reads it.
const FORMAT: i64 = 8;
const OPERATORS: i64 = 17;

/// Finds the sizes and elements of a parameter by its name.
type Parameter<'a> = &'a dyn Fn(&str) -> Option<(Vec<usize>, Vec<f32>)>;

/// What is written.
pub struct Parts<'a> {
    /// The network.
    pub network: &'a NetworkSpec,
    /// The fitted pre-processing.
    pub pipeline: &'a Pipeline,
    /// What the columns mean.
    pub schema: &'a Schema,
    /// The parameters.
    pub parameter: Parameter<'a>,
}

impl Parts<'_> {
    /// The file.
    pub fn file(&self) -> Vec<u8> {
        let mut graph = Graph::default();
        let mut value = self.preprocess(&mut graph, "x".into());
        value = self.features(&mut graph, value);
        for (name, spec) in self.network.named_layers() {
            value = self.layer(&mut graph, &name, spec, value);
        }
        for (operator, name) in [("Mul", "target.deviation"), ("Add", "target.mean")] {
            if let Some(array) = self.array(&mut graph, name) {
                value = graph.node(operator, &[&value, &array], &[]);
            }
        }
        graph.named("Identity", &[&value], &[], "output");
        let (inputs, outputs) = (self.schema.columns, self.network.output.units);
        let operators = Message::default().bytes(1, "").number(2, OPERATORS);
        let file = Message::default()
            .number(1, FORMAT)
            .bytes(2, "gradwise")
            .bytes(3, env!("CARGO_PKG_VERSION"))
            .message(7, graph.finish("gradwise", inputs, outputs))
            .message(8, operators);
        let add = |file: Message, (key, value): (&str, String)| {
            file.message(14, Message::default().bytes(1, key).bytes(2, value))
        };
        self.metadata().into_iter().fold(file, add).into_bytes()
    }

    /// What the columns of `x` and of `output` mean, as JSON arrays of names.
    fn metadata(&self) -> [(&'static str, String); 4] {
        let names = |names: &[String]| serde_json::Value::from(names).to_string();
        [
            ("columns", names(&self.schema.feature_names())),
            ("task", self.schema.task.to_string()),
            ("targets", names(&self.schema.targets)),
            ("classes", names(&self.schema.classes)),
        ]
    }

    fn preprocess(&self, graph: &mut Graph, mut value: String) -> String {
        for (i, stage) in self.pipeline.stages.iter().enumerate() {
            let (center, then) = match stage {
                Stage::Affine(affine) => (&affine.center, &affine.factor),
                Stage::Linear(linear) => (&linear.center, &linear.matrix),
            };
            let columns = center.len();
            let center = graph.floats(&format!("preprocess.{i}.center"), &[columns], center);
            value = graph.node("Sub", &[&value, &center], &[]);
            let name = format!("preprocess.{i}.then");
            value = match stage {
                Stage::Affine(_) => {
                    let factor = graph.floats(&name, &[columns], then);
                    graph.node("Mul", &[&value, &factor], &[])
                }
                Stage::Linear(linear) => {
                    let matrix = graph.floats(&name, &[linear.outputs(), columns], then);
                    graph.node("Gemm", &[&value, &matrix], &[Attribute::Whole("transB", 1)])
                }
            };
        }
        value
    }

    fn features(&self, graph: &mut Graph, value: String) -> String {
        match self.network.features {
            Features::None => value,
            Features::Rff { count, .. } => {
                let value = self.affine(graph, "features", value);
                let value = graph.node("Cos", &[&value], &[]);
                scaled(graph, &value, (2.0 / count as f64).sqrt())
            }
            Features::Polynomial { degree } => {
                let inputs = self.network.inputs;
                let (ends, one) = (graph.wholes("ends", &[0, 0, 0, 1]), graph.constant(1.0));
                let extended = graph.node("Pad", &[&value, &ends, &one], &[]);
                let columns = gradwise_nn::features::columns(inputs, degree);
                let factors: Vec<String> = (0..)
                    .zip(columns)
                    .map(|(position, columns)| {
                        let columns: Vec<i64> = columns.into_iter().map(i64::from).collect();
                        let columns = graph.wholes(&format!("features.{position}"), &columns);
                        graph.node("Gather", &[&extended, &columns], &[Attribute::Whole("axis", 1)])
                    })
                    .collect();
                let product = |a: String, b: String| graph.node("Mul", &[&a, &b], &[]);
                factors.into_iter().reduce(product).unwrap_or(value)
            }
        }
    }

    fn layer(&self, graph: &mut Graph, name: &str, spec: &LayerSpec, value: String) -> String {
        let z = self.affine(graph, name, value);
        let slope = self.array(graph, &format!("{name}.slope"));
        activated(graph, spec, &z, slope.as_deref())
    }

    /// The weighted sums of a layer.
    fn affine(&self, graph: &mut Graph, name: &str, value: String) -> String {
        let weight = self.array(graph, &format!("{name}.weight")).unwrap_or_default();
        let product = graph.node("MatMul", &[&value, &weight], &[]);
        match self.array(graph, &format!("{name}.bias")) {
            Some(bias) => graph.node("Add", &[&product, &bias], &[]),
            None => product,
        }
    }

    /// A parameter's array in the file, if there is such a parameter.
    fn array(&self, graph: &mut Graph, name: &str) -> Option<String> {
        let (sizes, values) = (self.parameter)(name)?;
        Some(graph.floats(name, &sizes, &values))
    }
}

fn scaled(graph: &mut Graph, value: &str, factor: f64) -> String {
    let factor = graph.constant(factor);
    graph.node("Mul", &[value, &factor], &[])
}

/// What becomes of the weighted sums `z`.
fn activated(graph: &mut Graph, spec: &LayerSpec, z: &str, slope: Option<&str>) -> String {
    let plain = |graph: &mut Graph, operator: &str| graph.node(operator, &[z], &[]);
    match spec.activation {
        Activation::Linear => z.into(),
        Activation::Sigmoid => plain(graph, "Sigmoid"),
        Activation::Tanh => plain(graph, "Tanh"),
        Activation::Relu => plain(graph, "Relu"),
        Activation::Softplus => plain(graph, "Softplus"),
        Activation::Exp => plain(graph, "Exp"),
        Activation::Selu => plain(graph, "Selu"),
        Activation::LeakyRelu(a) => graph.node("LeakyRelu", &[z], &[Attribute::Float("alpha", a)]),
        Activation::Elu(a) => graph.node("Elu", &[z], &[Attribute::Float("alpha", a)]),
        Activation::Softmax => graph.node("Softmax", &[z], &[Attribute::Whole("axis", -1)]),
        Activation::Prelu(_) => graph.node("PRelu", &[z, slope.unwrap_or_default()], &[]),
        Activation::Silu => {
            let sigmoid = plain(graph, "Sigmoid");
            graph.node("Mul", &[z, &sigmoid], &[])
        }
        // z·Φ(z) = z·(1 + erf(z/√2))/2; the operator of that name is of a later version.
        Activation::Gelu => {
            let inner = scaled(graph, z, std::f64::consts::FRAC_1_SQRT_2);
            let erf = graph.node("Erf", &[&inner], &[]);
            let one = graph.constant(1.0);
            let sum = graph.node("Add", &[&erf, &one], &[]);
            let product = graph.node("Mul", &[z, &sum], &[]);
            scaled(graph, &product, 0.5)
        }
        // Piece p of unit u is column p·units + u.
        Activation::Maxout(pieces) => {
            let sizes = [0, pieces as i64, spec.units as i64];
            let sizes = graph.wholes(&format!("pieces of {z}"), &sizes);
            let pieces = graph.node("Reshape", &[z, &sizes], &[]);
            let largest = [Attribute::Wholes("axes", &[1]), Attribute::Whole("keepdims", 0)];
            graph.node("ReduceMax", &[&pieces], &largest)
        }
    }
}
