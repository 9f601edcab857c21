//! Ten million rows through the standard input and output.

use std::fs;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::process::{Command, Stdio};
use std::thread;

use assert_cmd::cargo::CommandCargoExt;

use crate::output;

const ROWS: usize = 10_000_000;
const WORDS: [&str; 5] = ["p", "q", "r", "s", "t"];

/// The word of a row: an order of rows that no other one looks like.
fn word(row: usize) -> usize {
    (row.wrapping_mul(2_654_435_761) >> 11) % WORDS.len()
}

/// The largest memory that a process had so far, in kB; none on other systems than Linux.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// What comes out is in order, each row once, with the score of its own word; and the memory is that of a few chunks.
#[test]
fn ten_million_rows_are_scored_in_order_in_constant_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    // Words of different frequencies have different nats.
    let rows: String = (0..400)
        .map(|row: usize| format!("{}\n", WORDS[(row % 25).isqrt()]))
        .collect();
    fs::write(folder.join("fit.csv"), format!("a\n{rows}")).expect("a file");
    let fit = "fit fit.csv --kind a=category --steps 20 --members 1 -o model.safetensors";
    output(folder, &fit.split(' ').collect::<Vec<_>>());
    fs::write(
        folder.join("words.csv"),
        format!("a\n{}\n", WORDS.join("\n")),
    )
    .expect("a file");
    let scores = |text: &str| -> Vec<f64> {
        let lines = text.lines().skip(1);
        let nats = lines.map(|line| line.split(',').nth(1).and_then(|nats| nats.parse().ok()));
        nats.map(|nats| nats.expect("a number")).collect()
    };
    let score = ["score", "model.safetensors", "words.csv", "--only", "nats"];
    let nats = scores(&output(folder, &score));
    let apart = |a: &f64| nats.iter().filter(|b| (a - **b).abs() < 0.01).count() == 1;
    assert!(nats.iter().all(apart), "{nats:?}");

    let mut command = Command::cargo_bin("thalweg").expect("the binary");
    command
        .args(["score", "model.safetensors", "-", "--only", "nats"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut running = command.spawn().expect("a process");
    let process = running.id();
    let input = running.stdin.take().expect("an input");
    let mut lines = BufReader::with_capacity(1 << 20, running.stdout.take().expect("an output"));
    let writer = thread::spawn(move || {
        let mut input = BufWriter::with_capacity(1 << 20, input);
        input.write_all(b"a\n").expect("a reader");
        let (mut early, mut bytes) = (None, [0; 2]);
        for row in 0..ROWS {
            bytes[0] = WORDS[word(row)].as_bytes()[0];
            bytes[1] = b'\n';
            input.write_all(&bytes).expect("a reader");
            if row == ROWS / 10 {
                early = peak(process);
            }
        }
        input.flush().expect("a reader");
        // The process waits for the end of its input.
        (early, peak(process))
    });
    let (mut line, mut row) = (String::new(), 0);
    lines.read_line(&mut line).expect("text");
    assert_eq!(line, "row,nats,problem\n");
    loop {
        line.clear();
        if lines.read_line(&mut line).expect("text") == 0 {
            break;
        }
        let fields = line.trim_end().split_once(',').and_then(|(place, rest)| {
            let (found, problem) = rest.split_once(',')?;
            let whole = problem.is_empty() && place.parse() == Ok(row + 1);
            found.parse::<f64>().ok().filter(|_| whole)
        });
        let own = fields.is_some_and(|found| (found - nats[word(row)]).abs() < 1e-3);
        assert!(own, "row {}: {line}", row + 1);
        row += 1;
    }
    assert_eq!(row, ROWS);
    let (early, late) = writer.join().expect("no panic");
    assert!(running.wait().expect("an end").success());
    // Ten million rows are 160 MB as numbers alone, and a tenth of them needs as much memory as all.
    if let (Some(early), Some(late)) = (early, late) {
        assert!(late < early + 40_000, "{early} kB, then {late} kB");
        assert!(late < 400_000, "{late} kB");
    }
}
