//! The time and the memory of a training, about, before it begins.

use std::fmt;

/// The time and the memory of a training, about.
///
/// ```
/// use thalweg_train::Cost;
///
/// let cost = Cost { step_seconds: 0.02, seconds: 40.0, bytes: 81_000_000 };
/// assert_eq!(cost.to_string(), "about 40 s, by steps of 0.020 s, and about 81 MB of memory");
/// // Of this process, both `None` where the system does not say it.
/// let now = Cost::resident();
/// assert!(now <= Cost::peak());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// The time of a step in seconds.
    pub step_seconds: f64,
    /// The time of all steps in seconds, if the training does not stop before.
    pub seconds: f64,
    /// The memory of the process in bytes.
    pub bytes: u64,
}

impl Cost {
    /// The memory of this process now, in bytes; `None` where the system does not say it.
    pub fn resident() -> Option<u64> {
        status("VmRSS:")
    }

    /// The most memory that this process had, in bytes; `None` where the system does not say it.
    pub fn peak() -> Option<u64> {
        status("VmHWM:")
    }
}

/// A line of Linux's account of this process, in bytes.
fn status(line: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|found| found.strip_prefix(line))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * kilobytes)
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = match self.seconds {
            seconds if seconds < 90.0 => format!("{:.0} s", seconds.max(1.0)),
            seconds if seconds < 5400.0 => format!("{:.0} minutes", seconds / 60.0),
            seconds => format!("{:.1} hours", seconds / 3600.0),
        };
        write!(
            f,
            "about {time}, by steps of {:.3} s, and about {:.0} MB of memory",
            self.step_seconds,
            self.bytes as f64 / 1e6
        )
    }
}
