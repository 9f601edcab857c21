//! Disks that are full or cannot be written.

use std::process::{Command, Output};

use assert_cmd::cargo::CommandCargoExt;

use crate::fitted;

/// Runs a script with a disk of memory, of which `options` says more, at `$1`. `$2` is the command, and `$3` a model. Where
/// this user may not mount one, the test says so and ends.
fn with_disk(options: &str, script: &str) -> Option<Output> {
    let may = Command::new("unshare").args(["-rm", "true"]).status();
    if !may.is_ok_and(|status| status.success()) {
        eprintln!("skipped: `unshare -rm` is not possible here");
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let script = format!("mount -t tmpfs -o {options} tmpfs \"$1\" || exit 77\n{script}");
    let binary = Command::cargo_bin("thalweg").expect("the binary");
    let done = Command::new("unshare")
        .args(["-rm", "sh", "-c", &script, "sh"])
        .arg(folder.path())
        .arg(binary.get_program())
        .arg(fitted().join("model.safetensors"))
        .output()
        .expect("a process");
    if done.status.code() == Some(77) {
        let text = String::from_utf8_lossy(&done.stderr).into_owned();
        eprintln!("skipped: no tmpfs can be mounted here: {text}");
        return None;
    }
    Some(done)
}

/// A disk of two pages.
#[test]
fn a_small_disk_leaves_no_file() {
    let script = "\"$2\" score \"$3\" @penguins -o \"$1/scores.csv\"
        code=$?
        ls -A \"$1\"
        exit $code";
    let Some(done) = with_disk("size=8k", script) else {
        return;
    };
    let text = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(1), "{text}");
    assert!(text.contains("No space left"), "{text}");
    assert_eq!(String::from_utf8_lossy(&done.stdout), "");
}

/// The model and the table are on a disk that cannot be written, and so is each output.
#[test]
fn a_read_only_folder_gives_and_takes_nothing() {
    let script = "cp \"$3\" \"$1/model.safetensors\" || exit 77
        cd \"$1\" && mkdir images || exit 77
        \"$2\" sample model.safetensors 60 -g species=Gentoo -o rows.csv -q > /dev/null || exit 78
        mount -o remount,ro \"$1\" || exit 77
        model=model.safetensors
        for line in \"score $model rows.csv\" \"info $model\" \"encode $model rows.csv\" \"report $model rows.csv\"; do
            \"$2\" $line > /dev/null || echo \"FAILED $line\"
        done
        for line in \"score $model rows.csv -o out.csv\" \"score $model rows.csv -o out.jsonl\" \\
            \"score $model rows.csv -o out.parquet\" \"encode $model rows.csv -o out.csv.gz\" \\
            \"sample $model 3 -g species=Gentoo -o new/out.csv\" \"report $model rows.csv -o out.png\" \\
            \"report $model rows.csv -o out.json\" \"check $model rows.csv -o out.svg\" \"man pages\" \"init out.toml\" \\
            \"sample $model 3 -g species=Gentoo -o rows.csv --force\" \\
            \"fit rows.csv --steps 100000000 -o out.safetensors\"; do
            said=$(\"$2\" $line -q 2>&1)
            echo \"$?|$line|$said\"
        done
        ls -A";
    let Some(done) = with_disk("size=64m", script) else {
        return;
    };
    let [text, said] =
        [&done.stdout, &done.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(done.status.success(), "{text}{said}");
    assert!(!text.contains("FAILED"), "{text}{said}");
    let mut outputs = 0;
    for line in text.lines().filter(|line| line.contains('|')) {
        let parts: Vec<&str> = line.splitn(3, '|').collect();
        let &[code, command, said] = &parts[..] else {
            panic!("{line}");
        };
        outputs += 1;
        assert_eq!(code, "1", "{line}");
        assert!(said.starts_with("error: "), "{line}");
        assert!(said.contains("Read-only file system"), "{line}");
        // The error names the output, or the folder of unfinished trainings beside it.
        let output = command
            .split_whitespace()
            .rfind(|word| !word.starts_with('-'));
        assert!(output.is_some_and(|output| said.contains(output)), "{line}");
    }
    assert_eq!(outputs, 12, "{text}");
    let left: Vec<&str> = text.lines().filter(|line| !line.contains('|')).collect();
    assert_eq!(left, ["images", "model.safetensors", "rows.csv"], "{text}");
}
