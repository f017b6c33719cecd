//! What a run was made on, in words: its times mean nothing without it.

use gradwise_cpu::Device;

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
        let device = Device::new(Some(1)).unwrap();
        assert!(described(&device).contains("1 thread, instruction set"));
    }
}
