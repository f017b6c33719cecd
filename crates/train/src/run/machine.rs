//! What a run was made on, in words: its times mean nothing without it; and whether
//! the machine can hold the run at all.

use super::error::TrainError;
use crate::runfile::Resolved;
use gradwise_cpu::Device;
use gradwise_graph::Graph;
use gradwise_nn::LayerSpec;

/// System, processor, threads and instruction set, as far as they are known.
pub(super) fn described(device: &Device) -> String {
    let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
    let model = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| model(&text));
    let processor = model.unwrap_or_else(|| processor.to_string());
    let threads = match device.threads() {
        1 => "1 thread".to_string(),
        n => format!("{n} threads"),
    };
    format!("{processor}, {system}; {threads}, instruction set {}", device.isa())
}

/// Refuses a network that the machine's memory cannot hold, which the system would only
/// notice when it is full: its parameters with what the optimizer remembers, and the
/// signals of a batch, forward in each layer.
///
/// # Errors
/// It is too large, with its largest layer; nothing is refused where the memory is not
/// known.
pub(super) fn holds(graph: &Graph, resolved: &Resolved, rows: usize) -> Result<(), TrainError> {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let Some(memory) = memory(&text) else { return Ok(()) };
    let layers = resolved.network.named_layers();
    let layers: Vec<_> = layers.map(|(name, spec)| Need::of(graph, name, spec, rows)).collect();
    let needed = layers.iter().map(Need::bytes).sum::<f64>();
    let Some(largest) = layers.iter().max_by(|a, b| a.bytes().total_cmp(&b.bytes())) else {
        return Ok(());
    };
    if needed <= memory {
        return Ok(());
    }
    let [needed, memory, numbers, signals] =
        [needed, memory, largest.parameters, largest.signals].map(|bytes| bytes / 1e9);
    let rows = if rows == 1 { "one row".into() } else { format!("{rows} rows") };
    Err(TrainError::Unfit {
        what: format!(
            "the network takes {needed:.1} GB and this machine has {memory:.1} GB of memory: \
             layer {} alone takes {numbers:.1} GB for its parameters and the optimizer, and \
             {signals:.1} GB for a batch of {rows}",
            largest.name
        ),
        help: "take fewer units or layers (model.width, model.depth, model.layers), or a smaller \
               train.batch"
            .into(),
    })
}

/// The bytes that a layer takes; as f64, whose products do not overflow.
struct Need {
    name: String,
    /// What it learns, and what the optimizer remembers of that.
    parameters: f64,
    /// Its weighted sums for all rows of a batch.
    signals: f64,
}

impl Need {
    fn of(graph: &Graph, name: String, spec: &LayerSpec, rows: usize) -> Need {
        let number = size_of::<f32>() as f64;
        let parameters = graph.parameters();
        let own = parameters.iter().filter(|p| p.name.split('.').next() == Some(&*name));
        let count = own.map(|p| p.sizes.iter().map(|n| *n as f64).product::<f64>()).sum::<f64>();
        let sums = spec.units as f64 * spec.activation.pieces() as f64;
        Need { name, parameters: number * count, signals: number * rows as f64 * sums }
    }

    fn bytes(&self) -> f64 {
        self.parameters + self.signals
    }
}

/// The bytes of memory in Linux's description of it.
fn memory(text: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024.0 * kilobytes)
}

/// The processor's name in Linux's description of it.
fn model(text: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    let name = line.split_once(':')?.1.split_whitespace().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_named_where_the_system_does() {
        let text = "processor\t: 0\nmodel name\t: Fast(R)  CPU @ 2 GHz\nflags: a";
        assert_eq!(model(text).as_deref(), Some("Fast(R) CPU @ 2 GHz"));
        assert_eq!(model("processor : 0\nmodel name :"), None);
        assert_eq!(memory("MemTotal:       16 kB\nMemFree: 1 kB"), Some(16384.0));
        assert_eq!(memory(""), None);
        let device = Device::new(Some(1)).unwrap();
        assert!(described(&device).contains("1 thread, instruction set"));
    }
}
