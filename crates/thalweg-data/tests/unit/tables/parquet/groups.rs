//! Row groups, ranges of rows, and files in parts.

use super::*;

/// A file of groups of 40, 40, 40 and 17 rows that holds the numbers of its rows.
fn grouped(path: &std::path::Path) {
    let numbers = Int64Array::from((1..=137).collect::<Vec<i64>>());
    let rows = batch(vec![("row", Arc::new(numbers))]);
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(40))
        .build();
    let file = std::fs::File::create(path).expect("a file");
    let mut writer = ArrowWriter::try_new(file, rows.schema(), Some(properties)).expect("a writer");
    writer.write(&rows).expect("written");
    writer.close().expect("closed");
}

/// Ranges of rows, one after another, whose lengths differ by one, are the whole file: more of them than groups, and than
/// rows; and each row says where it stands.
#[test]
fn ranges_of_rows_are_the_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.parquet");
    grouped(&path);
    for parts in [1, 2, 3, 4, 5, 11, 137, 200] {
        let mut all = vec![];
        for part in 1..=parts {
            let reader = TableReader::open(&path, &CsvOptions::new()).expect("a file");
            let mut reader = reader.chunk_rows(7);
            assert!(reader.keep_part(part, parts));
            let mut here = 0;
            for chunk in reader {
                let chunk = chunk.expect("rows");
                for (place, &number) in chunk.places.iter().zip(numbers(&chunk.table, "row")) {
                    assert_eq!(place.row as f64, number, "part {part} of {parts}");
                    all.push(number);
                    here += 1;
                }
            }
            assert!((137 / parts..=137_usize.div_ceil(parts)).contains(&here));
        }
        let whole: Vec<f64> = (1..=137).map(f64::from).collect();
        assert_eq!(all, whole, "{parts} parts");
    }
}

/// A group that is damaged is no matter of the parts that lie outside.
#[test]
fn groups_outside_of_a_part_are_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.parquet");
    grouped(&path);
    let mut bytes = std::fs::read(&path).expect("a file");
    // Behind the magic comes the first page of the first group.
    bytes[4..24].fill(0xff);
    std::fs::write(&path, bytes).expect("a file");
    for (part, sound) in [(1, false), (2, false), (3, true), (5, true)] {
        let mut reader = TableReader::open(&path, &CsvOptions::new()).expect("a file");
        assert!(reader.keep_part(part, 5));
        assert_eq!(reader.all(|chunk| chunk.is_ok()), sound, "part {part}");
    }
}

#[test]
fn parts_have_the_same_columns() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.parquet");
    let mut writer = TableWriter::create(&path).expect("a writer");
    for _ in 0..3 {
        writer.append(&table(100)).expect("appended");
    }
    let other = table(5).without("t").expect("a table");
    assert!(
        writer
            .append(&other)
            .expect_err("other columns")
            .to_string()
            .contains("\"t (times)\"")
    );
    assert!(!path.exists());
    writer.finish().expect("finished");
    assert_eq!(Table::read(&path).expect("a table").rows(), 300);
}
