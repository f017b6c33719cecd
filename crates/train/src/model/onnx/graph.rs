//! An ONNX graph under construction: nodes in a row, each made from the last.

use super::wire::Message;

/// The types of elements, as ONNX numbers them.
const FLOAT: i64 = 1;
const INT64: i64 = 7;

/// A setting of a node.
pub enum Attribute<'a> {
    /// A number.
    Float(&'a str, f64),
    /// A whole number.
    Whole(&'a str, i64),
    /// Whole numbers.
    Wholes(&'a str, &'a [i64]),
}

/// A graph under construction.
#[derive(Default)]
pub struct Graph {
    nodes: Vec<Message>,
    arrays: Vec<Message>,
    /// How many values were given a name here.
    values: usize,
}

impl Graph {
    /// Adds an array; its name.
    pub fn floats(&mut self, name: &str, sizes: &[usize], values: &[f32]) -> String {
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.array(name, FLOAT, sizes, &bytes)
    }

    /// Adds an array of whole numbers; its name.
    pub fn wholes(&mut self, name: &str, values: &[i64]) -> String {
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.array(name, INT64, &[values.len()], &bytes)
    }

    /// Adds a number; its name.
    pub fn constant(&mut self, x: f64) -> String {
        self.values += 1;
        let name = format!("constant{}", self.values);
        self.floats(&name, &[], &[x as f32])
    }

    fn array(&mut self, name: &str, kind: i64, sizes: &[usize], bytes: &[u8]) -> String {
        let array = sizes.iter().fold(Message::default(), |m, size| m.number(1, *size as i64));
        self.arrays.push(array.number(2, kind).bytes(8, name).bytes(9, bytes));
        name.into()
    }

    /// Adds a node with one output; the name of its value.
    pub fn node(&mut self, operator: &str, inputs: &[&str], attributes: &[Attribute]) -> String {
        self.values += 1;
        let value = format!("{}{}", operator.to_lowercase(), self.values);
        self.named(operator, inputs, attributes, &value);
        value
    }

    /// As [`Graph::node`], with a name for its value.
    pub fn named(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: &[Attribute],
        value: &str,
    ) {
        let node = inputs.iter().fold(Message::default(), |node, input| node.bytes(1, input));
        let node = node.bytes(2, value).bytes(3, value).bytes(4, operator);
        let add = |node: Message, attribute: &Attribute| node.message(5, attribute.message());
        self.nodes.push(attributes.iter().fold(node, add));
    }

    /// The whole graph, from `x` `[batch, inputs]` to `output` `[batch, outputs]`.
    pub fn finish(self, name: &str, inputs: usize, outputs: usize) -> Message {
        let graph = self.nodes.into_iter().fold(Message::default(), |m, node| m.message(1, node));
        let graph = self.arrays.into_iter().fold(graph.bytes(2, name), |m, a| m.message(5, a));
        graph.message(11, rows("x", inputs)).message(12, rows("output", outputs))
    }
}

/// The type of a value of any number of rows.
fn rows(name: &str, columns: usize) -> Message {
    let batch = Message::default().bytes(2, "batch");
    let columns = Message::default().number(1, columns as i64);
    let shape = Message::default().message(1, batch).message(1, columns);
    let tensor = Message::default().number(1, FLOAT).message(2, shape);
    Message::default().bytes(1, name).message(2, Message::default().message(1, tensor))
}

impl Attribute<'_> {
    /// The last field is the kind of value that was given.
    fn message(&self) -> Message {
        let named = |name: &&str| Message::default().bytes(1, name);
        match self {
            Attribute::Float(name, x) => named(name).float(2, *x as f32).number(20, 1),
            Attribute::Whole(name, n) => named(name).number(3, *n).number(20, 2),
            Attribute::Wholes(name, all) => {
                all.iter().fold(named(name), |m, n| m.number(8, *n)).number(20, 7)
            }
        }
    }
}
