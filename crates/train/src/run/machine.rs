//! What a run was made on, in words: its times mean nothing without it; and whether
//! the machine can hold the run at all.

use super::error::TrainError;
use gradwise_cpu::Device;
use gradwise_graph::Graph;

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

/// Refuses a network whose parameters are more than the machine's memory holds, which
/// the system would only notice when it is full.
///
/// # Errors
/// There are too many parameters; nothing is refused where the memory is not known.
pub(super) fn holds(graph: &Graph) -> Result<(), TrainError> {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let Some(memory) = memory(&text) else { return Ok(()) };
    // As products of f64, which do not overflow.
    let parameters = graph.parameters();
    let counts = parameters.iter().map(|p| p.sizes.iter().map(|n| *n as f64).product::<f64>());
    let count = counts.sum::<f64>();
    let needed = count * size_of::<f32>() as f64;
    if needed <= memory {
        return Ok(());
    }
    Err(TrainError::Unfit {
        what: format!(
            "the network and its optimizer have {count:.2e} numbers, which take {:.0} GB; this \
             machine has {:.0} GB of memory",
            needed / 1e9,
            memory / 1e9
        ),
        help: "take fewer units or layers: model.width, model.depth, model.layers".into(),
    })
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
