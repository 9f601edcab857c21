//! This binary's tests under lower instruction sets: the variable is read once in a process.

use std::env::current_exe;
use std::process::Command;

#[test]
fn tests_pass_under_lower_instruction_sets() {
    for level in ["scalar", "avx2"] {
        let output = Command::new(current_exe().expect("the path of this binary"))
            .env("THALWEG_SIMD", level)
            .args(["--skip", "tests_pass_under_lower_instruction_sets"])
            .output()
            .expect("this binary runs");
        let report = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{level}: {report}");
        assert!(!report.contains(" 0 passed"), "{level}: {report}");
    }
}
