//! Chunks of a file are the file.

use thalweg_data::{ColumnType, CsvOptions, DataError, Place, Table, TableReader, Values};

use super::{numbers, sound, words};

fn reader(text: &str, options: &CsvOptions) -> TableReader {
    let bytes = std::io::Cursor::new(text.as_bytes().to_vec());
    TableReader::new(bytes, options).expect("a reader")
}

fn text(rows: usize) -> String {
    let row = |row: usize| match row % 7 {
        3 => format!("{row}.25,,2013-01-01\n"),
        5 => format!("NA,\"w{row}\n, and more\",\n"),
        _ => format!("{row},w{},2013-01-01T00:00:{:02}\n", row % 5, row % 60),
    };
    "a,b,t\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

#[test]
fn chunks_are_the_whole() {
    let text = text(1000);
    let whole = sound(&text);
    for chunk_rows in [1, 7, 333, 1000, 5000] {
        let reader = reader(&text, &CsvOptions::new()).chunk_rows(chunk_rows);
        assert_eq!(reader.types()[2], ("t", ColumnType::Times));
        assert!(
            reader
                .dialect()
                .expect("a dialect")
                .to_string()
                .contains("header in line 1")
        );
        let mut begun = 0;
        for chunk in reader {
            let chunk = chunk.expect("a chunk");
            let rows: Vec<usize> = (begun..begun + chunk.table.rows()).collect();
            let same = whole.select(&rows);
            assert!(chunk.table.rows() <= chunk_rows && chunk.refused.is_empty());
            assert_eq!(words(&chunk.table, "b"), words(&same, "b"));
            for name in ["a", "t"] {
                let bits = |table: &Table| match table.require(name).expect("a column").values() {
                    Values::Numbers(values) | Values::Times(values) => values
                        .iter()
                        .map(|value| value.to_bits())
                        .collect::<Vec<u64>>(),
                    other => panic!("{}", other.kind()),
                };
                assert_eq!(bits(&chunk.table), bits(&same));
            }
            assert_eq!(chunk.places[0].row as usize, begun + 1);
            begun += chunk.table.rows();
        }
        assert_eq!(begun, 1000);
    }
}

#[test]
fn lines_count_those_in_quotes_and_empty_ones() {
    let text = "a,b\n1,\"x\ny\"\n\n2,z\n3,z\n";
    let chunk = reader(text, &CsvOptions::new())
        .next()
        .expect("a chunk")
        .expect("a chunk");
    let lines: Vec<Option<u64>> = chunk.places.iter().map(|place| place.line).collect();
    assert_eq!(lines, [Some(2), Some(5), Some(6)]);
}

#[test]
fn bad_rows_are_an_error_or_come_beside() {
    let types = [("a", ColumnType::Numbers), ("b", ColumnType::Text)];
    let options = CsvOptions::new().types(&types);
    let text = "a,b\n1,x\nmany,y\n3\n4,\"z\"z\n5,w\n6,v,u\n";
    let mut strict = reader(text, &options);
    let error = strict
        .next()
        .expect("an end")
        .expect_err("an error")
        .to_string();
    assert!(
        error.contains("line 3, row 2 column \"a\": \"many\""),
        "{error}"
    );
    assert!(strict.next().is_none());

    for chunk_rows in [1, 2, 100] {
        let mut said = Vec::new();
        let mut read = Vec::new();
        for chunk in reader(text, &options)
            .keep_refused(true)
            .chunk_rows(chunk_rows)
        {
            let chunk = chunk.expect("a chunk");
            assert!(chunk.places.len() + chunk.refused.len() <= chunk_rows);
            for (place, row) in chunk.in_order() {
                match row {
                    Ok(row) => read.push(numbers(&chunk.table, "a")[row]),
                    Err(error) => {
                        assert!(matches!(error, DataError::Csv { .. }));
                        said.push((place, error.to_string()));
                    }
                }
            }
        }
        assert_eq!(read, [1.0, 5.0]);
        let lines: Vec<Option<u64>> = said.iter().map(|(place, _)| place.line).collect();
        assert_eq!(lines, [Some(3), Some(4), Some(5), Some(7)], "{said:?}");
        let rows: Vec<u64> = said.iter().map(|(place, _)| place.row).collect();
        assert_eq!(rows, [2, 3, 4, 6]);
        assert!(said[1].1.contains("has 1 fields instead of 2"), "{said:?}");
        assert!(said[2].1.contains("after the closing quote"), "{said:?}");
    }
    let place = Place {
        row: 2,
        line: Some(3),
    };
    assert_eq!(place.to_string(), "line 3, row 2");
}

#[test]
fn the_beginning_decides_the_types() {
    let rows = 200_000;
    let row = |row: usize| match row > rows / 2 {
        true => format!("w{row},{row}\n"),
        false => format!("{row},{row}\n"),
    };
    let text = "a,b\n".to_owned() + &(1..=rows).map(row).collect::<String>();
    let errors: Vec<String> = reader(&text, &CsvOptions::new())
        .filter_map(|chunk| chunk.err().map(|error| error.to_string()))
        .collect();
    assert_eq!(errors.len(), 1);
    assert!(
        errors[0].contains("line 100002, row 100001 column \"a\": \"w100001\""),
        "{errors:?}"
    );
    assert!(
        errors[0].contains("types(&[(\"a\", ColumnType::Text)])"),
        "{errors:?}"
    );
    let given = CsvOptions::new().types(&[("a", ColumnType::Text)]);
    let count = reader(&text, &given).map(|chunk| chunk.expect("a chunk").table.rows());
    assert_eq!(count.sum::<usize>(), rows);
}
