//! What a process has used, as the system tells it.

/// Memory a process has resident now and had at its most, in 10⁶ bytes; 0 where the system does not tell.
pub fn resident_mb(process: u32) -> (f64, f64) {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    // In kB of 1,024 bytes.
    let megabytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes: Option<f64> = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
        kilobytes.map_or(0.0, |kilobytes| kilobytes * 1_024.0 / 1e6)
    };
    (megabytes("VmRSS:"), megabytes("VmHWM:"))
}

/// Seconds of processor time that a process has used since its start; 0 where the system does not tell.
pub fn cpu_s(process: u32) -> f64 {
    // The 14th and 15th field in ticks of 10 ms; the second is the name in brackets (proc_pid_stat(5)).
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let ticks: f64 = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_own_process_has_memory_and_uses_time() {
        let (now, most) = resident_mb(std::process::id());
        assert!(now > 0.5 && most >= now * 0.9, "{now} of {most}");
        let before = cpu_s(std::process::id());
        let mut sum = 0u64;
        while cpu_s(std::process::id()) < before + 0.05 {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
    }
}
