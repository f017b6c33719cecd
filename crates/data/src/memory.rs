//! How much memory data may take: what was set, or half of what this process can have.

use crate::error::did_you_mean;
use std::fmt;
use std::str::FromStr;

/// An amount of memory, written `2 GB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Memory {
    /// How many bytes.
    pub bytes: u64,
}

const UNITS: [(&str, u64); 9] = [
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1000),
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

impl FromStr for Memory {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let at = text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len());
        let (number, unit) = (text[..at].trim(), text[at..].trim());
        let known = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
        let amount =
            number.parse::<f64>().ok().filter(|amount| amount.is_finite() && *amount > 0.0);
        match (amount, known) {
            (Some(amount), Some((_, bytes))) if amount * *bytes as f64 >= 1.0 => {
                Ok(Memory { bytes: (amount * *bytes as f64) as u64 })
            }
            (Some(_), None) if !unit.is_empty() => {
                let names = UNITS.map(|(name, _)| name);
                let near = did_you_mean(unit, &names);
                Err(format!("{text:?}: {unit} is none of {}{near}", names.join(", ")))
            }
            _ => Err(format!("{text:?} is no amount of memory; write \"2 GB\" or \"500 MB\"")),
        }
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits =
            |(_, size): &&(&str, u64)| self.bytes >= *size && self.bytes.is_multiple_of(*size);
        let (name, size) = UNITS.iter().take(4).find(fits).unwrap_or(&("B", 1));
        write!(f, "{} {name}", self.bytes / size)
    }
}

impl Memory {
    /// Half of what this process can have now, in whole megabytes; `None` where the
    /// system does not say.
    pub fn automatic() -> Option<Memory> {
        let bytes = available()? / 2;
        Some(Memory { bytes: (bytes / 1_000_000).max(1) * 1_000_000 })
    }
}

/// Bytes that this process can have besides what it has: what the machine has free, what
/// its control group leaves, and what its limit of address space leaves.
fn available() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let machine = read("/proc/meminfo").and_then(|text| kilobytes(&text, "MemAvailable:"));
    let space = read("/proc/self/limits").and_then(|text| limit(&text, "Max address space"));
    let taken = read("/proc/self/status").and_then(|text| kilobytes(&text, "VmSize:"));
    let space = space.map(|space| space.saturating_sub(taken.unwrap_or(0)));
    let group = read("/proc/self/cgroup").and_then(|groups| {
        let left = |version: &Version| version.left(&groups, &read);
        VERSIONS.iter().filter_map(left).min()
    });
    [machine, space, group].into_iter().flatten().min()
}

/// What the files of a version of control groups are called.
struct Version {
    /// How its line in `/proc/self/cgroup` goes on behind the number.
    line: &'static str,
    folder: &'static str,
    /// The limit, what is held, and the field that says how much of that are cached files.
    files: [&'static str; 3],
}

const VERSIONS: [Version; 2] = [
    Version {
        line: "::",
        folder: "/sys/fs/cgroup",
        files: ["memory.max", "memory.current", "file "],
    },
    Version {
        line: ":memory:",
        folder: "/sys/fs/cgroup/memory",
        files: ["memory.limit_in_bytes", "memory.usage_in_bytes", "total_cache "],
    },
];

impl Version {
    /// What the control group of this process and those above it leave: their limit
    /// without what they hold, of which the cache of files can be given up.
    fn left(&self, groups: &str, read: &dyn Fn(&str) -> Option<String>) -> Option<u64> {
        let own = groups.lines().find_map(|line| line.split_once(self.line))?.1;
        let own = own.trim_end_matches('/');
        let number = |text: String| text.trim().parse::<u64>().ok();
        let [most, held, files] = self.files;
        let left = |group: &str| {
            let file = |name: &str| read(&format!("{}{group}/{name}", self.folder));
            let most = file(most).and_then(number)?;
            let held = file(held).and_then(number).unwrap_or(0);
            let cached = file("memory.stat");
            let cached = cached.and_then(|text| field(&text, files)?.parse::<u64>().ok());
            Some(most.saturating_sub(held.saturating_sub(cached.unwrap_or(0))))
        };
        let ends = own.match_indices('/').map(|(at, _)| at).chain([own.len()]);
        ends.filter_map(|end| left(&own[..end])).min()
    }
}

fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

/// A field such as `MemAvailable:  1234 kB`.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let value = field(text, name)?.strip_suffix("kB")?.trim();
    value.parse::<u64>().ok().map(|n| n * 1024)
}

/// The soft limit in a line such as `Max address space  1000  unlimited  bytes`.
fn limit(text: &str, name: &str) -> Option<u64> {
    field(text, name)?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_shown() {
        let bytes = |text: &str| text.parse::<Memory>().map(|memory| memory.bytes);
        assert_eq!(bytes("2 GB"), Ok(2_000_000_000));
        assert_eq!(bytes("0.5gb"), Ok(500_000_000));
        assert_eq!(bytes("64 MiB"), Ok(64 << 20));
        assert_eq!(Memory { bytes: 1_500_000_000 }.to_string(), "1500 MB");
        assert_eq!(Memory { bytes: 1234 }.to_string(), "1234 B");
        assert!(bytes("2").unwrap_err().contains("write \"2 GB\""));
        assert!(bytes("2 GO").unwrap_err().contains("did you mean \"GB\"?"));
        assert!(bytes("-1 GB").is_err() && bytes("nan GB").is_err() && bytes("").is_err());
    }

    #[test]
    fn limits_of_the_system_are_found() {
        assert_eq!(kilobytes("MemFree: 1 kB\nMemAvailable:   7 kB\n", "MemAvailable:"), Some(7168));
        let limits =
            "Max cpu time unlimited\nMax address space     1000000      unlimited  bytes\n";
        assert_eq!(limit(limits, "Max address space"), Some(1_000_000));
        assert_eq!(limit("Max address space unlimited unlimited bytes", "Max address space"), None);
    }

    #[test]
    fn limits_of_control_groups_are_found() {
        let read = |path: &str| {
            let text = match path.strip_prefix("/sys/fs/cgroup")? {
                "/a/memory.max" => "1000",
                "/a/memory.current" => "700",
                "/a/memory.stat" => "anon 300\nfile 400\n",
                "/a/b/memory.max" => "max",
                "/memory/c/memory.limit_in_bytes" => "50",
                _ => return None,
            };
            Some(text.to_string())
        };
        let left = VERSIONS.map(|version| version.left("4:memory:/c\n0::/a/b\n", &read));
        assert_eq!(left, [Some(700), Some(50)]);
    }
}
