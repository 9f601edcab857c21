//! Files appear whole, and errors name what cannot be written.

use thalweg_data::{
    Column, CsvOptions, DataError, Table, TableReader, TableWriter, Text, Values, WriteError,
};

use super::{numbers, times, words};

fn table() -> Table {
    let text: Text = [Some("plain"), None, Some("a \"b\", c"), Some("NA")]
        .into_iter()
        .collect();
    let columns = vec![
        Column::numbers("x", vec![0.1, -0.0, 1e300, f64::NAN]),
        Column::new("word", Values::Text(text)),
        Column::times(
            "day",
            vec![0.0, -86_400.0, f64::NAN, 1_357_020_000.0 - 6.0 * 3600.0],
        ),
        Column::times("time", vec![0.5, 1_357_020_000.0, -1.25, f64::NAN]),
    ];
    Table::new(columns).expect("a table")
}

#[test]
fn csv_is_plain() {
    let mut bytes = Vec::new();
    table().write_csv(&mut bytes).expect("written");
    let text = String::from_utf8(bytes).expect("text");
    let wanted = "x,word,day,time\n\
                  0.1,plain,1970-01-01,1970-01-01T00:00:00.5Z\n\
                  -0,,1969-12-31,2013-01-01T06:00:00Z\n\
                  1e300,\"a \"\"b\"\", c\",,1969-12-31T23:59:58.75Z\n\
                  ,\"NA\",2013-01-01,\n";
    assert_eq!(text, wanted);
    let back = Table::parse(text.as_bytes(), &CsvOptions::new()).expect("a table");
    assert_eq!(words(&back, "word"), words(&table(), "word"));
    assert_eq!(numbers(&back, "x")[1].to_bits(), (-0.0_f64).to_bits());
    assert_eq!(times(&back, "time")[2], -1.25);
}

#[test]
fn every_extension_reads_back() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["t.csv", "t.csv.gz", "t.CSV.zst", "new/t.csv"] {
        let path = folder.path().join(name);
        let mut writer = TableWriter::create(&path).expect("a writer");
        for _ in 0..2000 {
            writer.append(&table()).expect("appended");
        }
        assert!(!path.exists());
        writer.finish().expect("finished");
        let read = Table::read(&path).expect("a table");
        assert_eq!(read.rows(), 8000);
        assert_eq!(words(&read, "word")[7998], Some("a \"b\", c"));
        let chunks = TableReader::open(&path, &CsvOptions::new()).expect("a reader");
        assert_eq!(
            chunks
                .map(|chunk| chunk.expect("a chunk").table.rows())
                .sum::<usize>(),
            8000
        );
    }
}

#[test]
fn nothing_appears_before_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.csv");
    table().write(&path).expect("written");
    let before = std::fs::read(&path).expect("a file");
    let mut writer = TableWriter::create(&path).expect("a writer");
    writer.append(&table()).expect("appended");
    let other = table().without("x").expect("a table");
    let error = writer
        .append(&other)
        .expect_err("other columns")
        .to_string();
    assert!(
        error.contains("[\"x (numbers)\", \"word (text)\", \"day (times)\", \"time (times)\"]"),
        "{error}"
    );
    drop(writer);
    assert_eq!(std::fs::read(&path).expect("a file"), before);
    assert_eq!(
        std::fs::read_dir(folder.path()).expect("a folder").count(),
        1
    );

    let error = table()
        .write(folder.path().join("t.xlsx"))
        .expect_err("no format")
        .to_string();
    assert!(
        error.contains("t.xlsx has a name of no known format; let it end with .csv"),
        "{error}"
    );
    let none = TableWriter::create(folder.path().join("e.csv"))
        .expect("a writer")
        .finish();
    assert!(matches!(
        none,
        Err(DataError::Write {
            problem: WriteError::NoTable,
            ..
        })
    ));
    let far = Table::new(vec![Column::times("t", vec![0.0, 1e15])]).expect("a table");
    let error = far
        .write(folder.path().join("far.csv"))
        .expect_err("no date")
        .to_string();
    assert!(
        error.contains("column \"t\", row 2: 1000000000000000 seconds"),
        "{error}"
    );
    assert!(!folder.path().join("far.csv").exists());
}

#[test]
fn a_column_alone_keeps_its_missing_values() {
    let table = Table::new(vec![Column::numbers("x", vec![1.0, f64::NAN, 2.5])]).expect("a table");
    let mut bytes = Vec::new();
    table.write_csv(&mut bytes).expect("written");
    let back = Table::parse(bytes.as_slice(), &CsvOptions::new()).expect("a table");
    assert_eq!(back.rows(), 3);
    assert!(numbers(&back, "x")[1].is_nan());
}
