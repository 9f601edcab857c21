//! Many rows through the standard input and output.

use std::fs;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::process::{Command, Stdio};
use std::thread;

use assert_cmd::cargo::CommandCargoExt;

use crate::{fitted, output};

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

/// A process whose standard input and output are pipes, and its model.
fn piped(line: &str) -> std::process::Child {
    let mut command = Command::cargo_bin("thalweg").expect("the binary");
    let model = fitted().join("model.safetensors").display().to_string();
    let words = line.split(' ').map(|word| match word {
        "MODEL" => model.as_str(),
        other => other,
    });
    command
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command.spawn().expect("a process")
}

/// `check` and `bench` read the rows that they use and no more: of a table without an end they come to one.
#[test]
fn a_table_without_an_end_is_checked_and_measured() {
    for (line, most) in [
        ("check MODEL - -q --json", 50_000),
        ("bench MODEL - --rows 500 -q --json", 50_000),
    ] {
        let mut running = piped(line);
        let input = running.stdin.take().expect("an input");
        let mut input = BufWriter::with_capacity(1 << 12, input);
        let mut written = input.write_all(b"bill_length_mm,bill_depth_mm,species\n");
        let mut rows = 0;
        while written.is_ok() {
            written = writeln!(input, "{},{},Adelie", 35 + rows % 7, 15 + rows % 5);
            rows += 1;
            assert!(rows < most, "{line} reads on and on");
        }
        // What is left in the buffer has no reader.
        drop(input.into_parts());
        let done = running.wait_with_output().expect("an end");
        assert!(done.status.success(), "{line}");
        let found: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
        match line.starts_with("bench") {
            true => assert_eq!(found["rows"], 500, "{line}"),
            false => assert_eq!(found[0]["rows"], 256, "{line}"),
        }
    }
}

/// A row is drawn for each of many conditions, in order, in the memory of a few parts.
#[test]
fn rows_are_drawn_given_a_long_table_in_constant_memory() {
    const ROWS: usize = 1_000_000;
    const SPECIES: [&str; 3] = ["Adelie", "Chinstrap", "Gentoo"];
    let mut running = piped("sample MODEL 1 --given-table - -q");
    let process = running.id();
    let input = running.stdin.take().expect("an input");
    let mut lines = BufReader::with_capacity(1 << 20, running.stdout.take().expect("an output"));
    let writer = thread::spawn(move || {
        let mut input = BufWriter::with_capacity(1 << 16, input);
        input.write_all(b"species\n").expect("a reader");
        let mut early = None;
        for row in 0..ROWS {
            writeln!(input, "{}", SPECIES[word(row) % 3]).expect("a reader");
            if row == ROWS / 2 {
                early = peak(process);
            }
        }
        input.flush().expect("a reader");
        (early, peak(process))
    });
    let (mut line, mut rows) = (String::new(), 0);
    lines.read_line(&mut line).expect("text");
    assert_eq!(line, "bill_length_mm,bill_depth_mm,species\n");
    let mut numbers = std::collections::BTreeSet::new();
    loop {
        line.clear();
        if lines.read_line(&mut line).expect("text") == 0 {
            break;
        }
        let (drawn, species) = line.trim_end().rsplit_once(',').expect("columns");
        assert_eq!(species, SPECIES[word(rows) % 3], "row {}", rows + 1);
        if rows % 4096 == 0 {
            numbers.insert(drawn.to_owned());
        }
        rows += 1;
    }
    assert_eq!(rows, ROWS);
    // Parts have seeds of their own: none repeats the one before.
    assert!(numbers.len() > ROWS / 4096 / 2, "{numbers:?}");
    let (early, late) = writer.join().expect("no panic");
    assert!(running.wait().expect("an end").success());
    // To draw all rows at once takes 50 MB of numbers, words and choices, and ten times that on the way. The parts in
    // flight and the heap reach their size within the first half.
    if let (Some(early), Some(late)) = (early, late) {
        assert!(late < early + 40_000, "{early} kB, then {late} kB");
        assert!(late < 250_000, "{late} kB");
    }
}
