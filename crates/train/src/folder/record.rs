//! What a training loop records all the time, kept small until its lines are made.
//!
//! A measured step has a hundred measures and more, whose names hardly change from one
//! such step to the next. So a name is kept once, as the JSON that stands before its
//! value; a measure on its way to the log is a number and the place of its name.

use super::event::{Event, Histogram, Layer, Step};
use super::number::Number;
use std::io::Write;

/// One thing on its way to the log.
#[derive(Debug)]
pub(super) enum Record {
    Step(Step),
    /// A name that was not there before; its place is the number of those before it.
    Name(Vec<u8>),
    /// The measures of a step: places of names, and values.
    Measures(u64, Vec<(u32, Number)>),
    Histogram(Histogram),
}

/// The names of measures by their places, at the end that records.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: Vec<(String, String)>,
}

impl Names {
    /// The place of a measure's name, expected at `guess`; whether it is a new one.
    fn place(&mut self, of: &Layer, guess: usize) -> (usize, bool) {
        let same =
            |(layer, measure): &(String, String)| *measure == of.measure && *layer == of.layer;
        if self.known.get(guess).is_some_and(same) {
            return (guess, false);
        }
        if let Some(place) = self.known.iter().position(same) {
            return (place, false);
        }
        self.known.push((of.layer.clone(), of.measure.clone()));
        (self.known.len() - 1, true)
    }

    /// Records the measures of one step.
    pub fn record(&mut self, layers: &[Layer], to: &mut Vec<Record>) {
        let Some(step) = layers.first().map(|layer| layer.step) else { return };
        let (mut values, mut next) = (Vec::with_capacity(layers.len()), 0);
        for layer in layers {
            let (place, is_new) = self.place(layer, next);
            if is_new {
                to.push(Record::Name(before_value(layer)));
            }
            values.push((place as u32, layer.value));
            next = place + 1;
        }
        to.push(Record::Measures(step, values));
    }
}

/// What stands between step and value in the line of a measure.
fn before_value(layer: &Layer) -> Vec<u8> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let (name, measure) = (quoted(&layer.layer), quoted(&layer.measure));
    format!(",\"layer\":{name},\"measure\":{measure},\"value\":").into_bytes()
}

/// Makes the lines of records.
#[derive(Debug, Default)]
pub(super) struct Lines {
    names: Vec<Vec<u8>>,
    /// The start of the lines of a step's measures.
    start: Vec<u8>,
}

impl Lines {
    /// Appends the lines of a record.
    ///
    /// # Errors
    /// A record that JSON cannot say.
    pub fn append(&mut self, record: Record, to: &mut Vec<u8>) -> serde_json::Result<()> {
        match record {
            Record::Step(step) => line(&Event::Step(step), to),
            Record::Histogram(histogram) => line(&Event::Histogram(histogram), to),
            Record::Name(name) => {
                self.names.push(name);
                Ok(())
            }
            Record::Measures(step, values) => self.measures(step, &values, to),
        }
    }

    fn measures(
        &mut self,
        step: u64,
        values: &[(u32, Number)],
        to: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        self.start.clear();
        // Memory takes all that is written to it.
        let _ = write!(self.start, "{{\"kind\":\"layer\",\"step\":{step}");
        for (place, value) in values {
            let name = self.names.get(*place as usize).map_or(&[][..], Vec::as_slice);
            to.extend_from_slice(&self.start);
            to.extend_from_slice(name);
            serde_json::to_writer(&mut *to, value)?;
            to.extend_from_slice(b"}\n");
        }
        Ok(())
    }
}

/// Appends the line of an event.
///
/// # Errors
/// An event that JSON cannot say.
pub(super) fn line(event: &Event, to: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(&mut *to, event)?;
    to.push(b'\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(step: u64, layer: &str, measure: &str, value: f64) -> Layer {
        Layer { step, layer: layer.into(), measure: measure.into(), value: value.into() }
    }

    /// Names come, go and change their order; some need to be escaped.
    #[test]
    fn lines_are_those_of_the_events() {
        let (mut names, mut lines) = (Names::default(), Lines::default());
        for (step, kinds) in [(1, "ab"), (2, "ab"), (9, "b\"a"), (10, "c"), (11, "abc"), (12, "")] {
            let layers: Vec<Layer> = kinds
                .chars()
                .flat_map(|c| {
                    [("x", 0.1 + 0.2), ("y\n", f64::NAN)]
                        .map(|(layer, v)| measure(step, layer, &c.to_string(), v))
                })
                .collect();
            let (mut records, mut found, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
            names.record(&layers, &mut records);
            records.into_iter().for_each(|r| lines.append(r, &mut found).unwrap());
            layers.into_iter().for_each(|l| line(&Event::Layer(l), &mut wanted).unwrap());
            assert_eq!(String::from_utf8(found), String::from_utf8(wanted));
        }
    }
}
