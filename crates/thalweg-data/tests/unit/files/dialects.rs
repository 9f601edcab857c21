//! CSV of other programs: read correctly, or refused with the option to give.

use thalweg_data::{Columns, CsvError, CsvOptions, DataError, Encoding, FileError, NumericTable};

use super::{csv_error, file_error, folder, gzip, message, write};

fn read(text: impl AsRef<[u8]>, options: &CsvOptions) -> Result<NumericTable, DataError> {
    let folder = folder();
    options.read(&write(&folder, "rows.csv", text.as_ref()))
}

fn plain() -> CsvOptions {
    CsvOptions::new()
}

/// The text is refused by the defaults, with this advice; these options read 1.5, 2, 3, 4.
fn refused_then_read(text: impl AsRef<[u8]>, advice: &str, options: &CsvOptions) {
    let said = message(read(&text, &plain()), "rows.csv");
    assert!(said.contains(advice), "{said}");
    let table = read(&text, options).expect("a table");
    assert_eq!(table.values(), [1.5, 2.0, 3.0, 4.0], "{advice}");
}

#[test]
fn a_first_row_of_numbers_is_not_lost() {
    let rows = "1.5,2\n3,4\n";
    let header = plain().header(false);
    refused_then_read(rows, "header(false)", &header);
    let table = read(rows, &header).expect("a table");
    assert_eq!(table.names(), ["column_1", "column_2"]);
    let named = read(rows, &plain().names(&["a", "b"])).expect("a table");
    assert_eq!((named.names()[1].as_str(), named.rows()), ("b", 2));
    let header = read("1,2\n1.5,2\n", &plain().header(true)).expect("a table");
    assert_eq!((header.names()[0].as_str(), header.rows()), ("1", 1));

    // The iris of UCI: the classes do not make the first row a header.
    let iris = "5.1,3.5,Iris-setosa\n4.9,3.0,Iris-setosa\n6.3,3.3,Iris-virginica\n";
    let said = message(read(iris, &plain()), "rows.csv");
    assert!(
        said.contains("header(false)") && said.contains("line 1"),
        "{said}"
    );
    let columns = Columns::all().with_label("class");
    let options = plain()
        .names(&["length", "width", "class"])
        .columns(columns);
    let table = read(iris, &options).expect("a table");
    assert_eq!((table.rows(), table.classes().len()), (3, 2));

    // The error tells when a header was read as a row.
    let said = message(read("a,b\n1,2\n", &plain().header(false)), "rows.csv");
    assert!(
        said.contains("line 1") && said.contains("header(true)"),
        "{said}"
    );
    let said = message(read("1,2\n", &plain().names(&["a"])), "rows.csv");
    assert!(said.contains("names has 1 for 2 columns"), "{said}");
}

#[test]
fn row_numbers_are_no_feature() {
    let index = plain().index_column(true);
    refused_then_read(",a,b\n0,1.5,2\n1,3,4\n", "index_column(true)", &index);
    refused_then_read(
        "Unnamed: 0,a,b\n0,1.5,2\n1,3,4\n",
        "index_column(true)",
        &index,
    );
    refused_then_read(
        "\"\",\"a\",\"b\"\n\"1\",1.5,2\n\"2\",3,4\n",
        "index_column(true)",
        &index,
    );
    // R's write.table: no name over the row names.
    refused_then_read("a,b\nx,1.5,2\ny,3,4\n", "index_column(true)", &index);
    let without = plain().columns(Columns::all().without(&["index"]));
    refused_then_read(
        "index,a,b\n0,1.5,2\n1,3,4\n",
        "without(&[\"index\"])",
        &without,
    );
    let named = plain().names(&["n", "a", "b"]).header(true);
    let table = read(",a,b\n0,1.5,2\n1,3,4\n", &named).expect("a table");
    assert_eq!((table.names()[0].as_str(), table.rows()), ("n", 2));
    // Columns by name need no option, and an index without row numbers is a feature.
    let some = plain().columns(Columns::named(&["a", "b"]));
    assert_eq!(
        read(",a,b\n0,1.5,2\n", &some).expect("a table").values(),
        [1.5, 2.0]
    );
    assert_eq!(
        read("index,a\n7,1\n3,2\n", &plain())
            .expect("a table")
            .columns(),
        2
    );
}

#[test]
fn delimiters_are_not_guessed() {
    for mark in [';', '\t', '|'] {
        let text = "a;b\n1.5;2\n3;4\n".replace(';', &mark.to_string());
        refused_then_read(
            text,
            &format!("delimiter({mark:?})"),
            &plain().delimiter(mark),
        );
    }
    let text = "a  b\n1.5   2\n 3\t4 \n";
    refused_then_read(text, "delimiter(' ')", &plain().delimiter(' '));
    let quoted = "a b label\n1.5 2 \"x y\"\n3 4 z\n";
    let columns = Columns::all().with_label("label");
    let table = read(quoted, &plain().delimiter(' ').columns(columns)).expect("a table");
    assert_eq!(table.classes(), ["x y", "z"]);
    // Excel declares its delimiter.
    let excel = read("sep=;\r\na;b\r\n1.5;2\r\n3;4\r\n", &plain()).expect("a table");
    assert_eq!(excel.values(), [1.5, 2.0, 3.0, 4.0]);
    let one = read("x;y\n1\n", &plain().header(true)).expect("one column");
    assert_eq!(one.names(), ["x;y"]);
    let comma = message(read("a,b\n1,2\n", &plain().delimiter(';')), "rows.csv");
    assert!(comma.contains("delimiter(',')"), "{comma}");
}

#[test]
fn decimal_commas_and_thousands() {
    let text = "a;b\n1,5;2\n3;4\n";
    let german = plain().delimiter(';').decimal(',');
    refused_then_read(text, "delimiter(';')", &german);
    let said = message(read(text, &plain().delimiter(';')), "rows.csv");
    assert!(
        said.contains("decimal(',')") && said.contains("line 2, row 1"),
        "{said}"
    );
    let said = message(read("a;b\n1,5;2,5\n", &plain().delimiter(';')), "rows.csv");
    assert!(said.contains("decimal(',')"), "{said}");
    let said = message(read("a,b\n1,2\n\"3,25\",1\n", &plain()), "rows.csv");
    assert!(said.contains("decimal(',')"), "{said}");
    let said = message(read("x\n1,5\n", &plain()), "rows.csv");
    assert!(said.contains("decimal(',')"), "{said}");

    let number = |text: &str, options: &CsvOptions| {
        read(format!("a;b\n{text};1\n"), &options.clone().delimiter(';')).map(|t| t.values()[0])
    };
    let thousands = plain().thousands(',');
    assert_eq!(
        number("-1,234,567.5", &thousands).expect("a number"),
        -1_234_567.5
    );
    let said = message(number("1,234.5", &plain()), "rows.csv");
    assert!(said.contains("thousands(',')"), "{said}");
    for bad in ["1,5", "1,23,456.0", "1234,567.0", ",123"] {
        assert!(number(bad, &thousands).is_err(), "{bad}");
    }
    let both = german.clone().thousands('.');
    assert_eq!(number("1.234,5", &both).expect("a number"), 1234.5);
    assert!(number("1.5", &both).is_err());
    let said = message(number("1.234,5", &plain()), "rows.csv");
    assert!(said.contains("decimal(',') and thousands('.')"), "{said}");
    let said = message(number("1,234", &plain()), "rows.csv");
    assert!(said.contains("decimal(',') or thousands(',')"), "{said}");
    let blank = plain().decimal(',').thousands(' ');
    assert_eq!(
        number("12\u{202f}345,5", &blank).expect("a number"),
        12_345.5
    );
    let conflict = read("a,b\n1,2\n", &plain().decimal(',')).expect_err("two commas");
    assert!(
        conflict.to_string().contains("delimiter(';')"),
        "{conflict}"
    );
    assert!(read("a\n1\n", &plain().decimal(';').delimiter(';').quote(';')).is_err());
}

#[test]
fn numbers_in_every_spelling() {
    for (text, value) in [
        ("+5", 5.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1.0D+03", 1000.0),
        ("-2.5d-1", -0.25),
        ("\u{2212}3", -3.0),
        (
            "0.1000000000000000055511151231257827021181583404541015625",
            0.1,
        ),
        ("123456789012345678901234567890", 1.2345678901234568e29),
        ("\u{a0}7\u{a0}", 7.0),
    ] {
        let table = read(format!("a,b\n{text},1\n"), &plain()).expect(text);
        assert_eq!(table.values()[0], value, "{text}");
    }
    for (bad, advice) in [
        ("0x1F", "decimal"),
        ("5%", "unit"),
        ("$5", "unit"),
        ("2020-01-02", "dates"),
        ("12:30:01", "dates"),
        ("true", "0 and 1"),
        ("-inf", "drop_missing"),
        ("1e999", "beyond"),
        ("1e-999", "beyond"),
        ("1_000", "thousands('_')"),
        ("1D3", "correct it"),
        ("five", "missing_words"),
    ] {
        let said = message(read(format!("a,b\n1,2\n3,{bad}\n"), &plain()), "rows.csv");
        assert!(
            said.contains(advice) && said.contains("line 3, row 2 column \"b\""),
            "{said}"
        );
    }
}

#[test]
fn digits_that_f64_does_not_keep() {
    let column = |step: u64| -> String {
        (0..100_u64)
            .map(|i| format!("{},1\n", 1_700_000_000_000_000_001 + step * i))
            .collect()
    };
    let said = message(read(format!("t,b\n{}", column(1)), &plain()), "rows.csv");
    assert!(
        said.contains("column \"t\"") && said.contains("1700000000000000001"),
        "{said}"
    );
    assert!(read(format!("t,b\n{}", column(1_000_000_000)), &plain()).is_ok());
    assert!(
        read(
            "t,b\n1700000000000000001,1\n1700000000000000001,2\n",
            &plain()
        )
        .is_ok()
    );
}

#[test]
fn missing_values_are_named_or_left_out() {
    let words = ["", "NA", "NaN", "nan", "null", "-", "?", "N/A", "None", "."];
    for word in words {
        let text = format!("a,b\n1.5,2\n9,{word}\n3,4\n");
        refused_then_read(text, "drop_missing(true)", &plain().drop_missing(true));
    }
    let coded = plain()
        .missing_words(&["-999", "none yet"])
        .drop_missing(true);
    let table = read("a,b\n1.5,2\n9,-999\nnone yet,9\n3,4\n", &coded).expect("a table");
    assert_eq!(table.values(), [1.5, 2.0, 3.0, 4.0]);
    // Values in columns that are not read may be missing.
    let label = Columns::named(&["a"]).with_label("k");
    let text = "a,b,k\n1,,x\n2,NA,\n3,1,NA\n";
    let said = message(read(text, &plain().columns(label.clone())), "rows.csv");
    assert!(said.contains("line 3, row 2 column \"k\""), "{said}");
    let table = read(text, &plain().columns(label).drop_missing(true)).expect("a table");
    assert_eq!(
        (table.values(), table.classes().len()),
        ([1.0, 3.0].as_slice(), 2)
    );
    assert!(matches!(
        csv_error(read("a\nNA\n", &plain().drop_missing(true))),
        CsvError::Empty { .. }
    ));
    let said = message(read("a,b\n1,2\n,\n", &plain()), "rows.csv");
    assert!(said.contains("whole row is empty"), "{said}");
}

#[test]
fn encodings() {
    let utf8 = "\u{feff}größe,b\n1.5,2\n3,4\n";
    let latin: Vec<u8> = "größe,b\n1.5,2\n3,4\n".chars().map(|c| c as u8).collect();
    let little: Vec<u8> = utf8.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = utf8.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [
        utf8.as_bytes().to_vec(),
        little.clone(),
        big,
        gzip(utf8.as_bytes()),
    ] {
        let table = read(bytes, &plain()).expect("a table");
        assert_eq!(table.names(), ["größe", "b"]);
    }
    let said = message(read(&latin, &plain()), "rows.csv");
    assert!(
        said.contains("Encoding::Latin1") && said.contains("line 1: the byte f6"),
        "{said}"
    );
    let table = read(&latin, &plain().encoding(Encoding::Latin1)).expect("a table");
    assert_eq!(table.names(), ["größe", "b"]);
    let euro = read(b"\x80,b\n1,2\n", &plain().encoding(Encoding::Latin1)).expect("a table");
    assert_eq!(euro.names()[0], "€");
    for foreign in [
        &little[2..],
        b"PK\x03\x04rest",
        b"PAR1",
        b"\xd0\xcf\x11\xe0",
    ] {
        let error = file_error(read(foreign, &plain()));
        assert!(matches!(error, FileError::Foreign { .. }), "{error}");
    }
    let cut = read(&little[..little.len() - 1], &plain());
    assert!(message(cut, "rows.csv").contains("UTF-16 is damaged"));
}

#[test]
fn line_ends_quotes_and_empty_lines() {
    let rows = "a,b\n1.5,2\n3,4\n";
    for text in [
        rows.replace('\n', "\r\n"),
        rows.replace('\n', "\r"),
        rows.trim_end().to_string(),
        "\n\na,b\n\n1.5,2\n   \n3,4\n\n".to_string(),
        "\"a\" , \"b\"\n\"1.5\", \"2\"\n \" 3\",'4'\n".replace('\'', ""),
        "a,b,\n1.5,2,\n3,4,\n".to_string(),
    ] {
        let table = read(&text, &plain()).expect(&text);
        assert_eq!(table.values(), [1.5, 2.0, 3.0, 4.0], "{text:?}");
    }
    for (end, text) in [
        ("\r\n", "a\r\n1\r\n\r\nx\r\n"),
        ("\r", "a\r1\r\rx\r"),
        ("\n", "a\n1\n\nx"),
    ] {
        let said = message(read(text, &plain()), "rows.csv");
        assert!(said.contains("line 4, row 2"), "{end:?}: {said}");
    }
    // An unclosed quote does not hide rows.
    let label = plain().columns(Columns::all().with_label("k"));
    for (text, advice) in [
        ("a,k\n1,\"x\n2,y\n", "line 2: the quote"),
        ("a,k\n1,\"x\n2,\"y\"\n", "line 3: after the closing quote"),
    ] {
        let said = message(read(text, &label), "rows.csv");
        assert!(
            said.contains(advice) && said.contains("quote(None)"),
            "{said}"
        );
    }
    let table = read("a,k\n1,\"x\"\"\n;y\"\n2,5\" pipe\n", &label).expect("a table");
    assert_eq!(table.classes(), ["5\" pipe", "x\"\n;y"]);
    let single = plain().quote('\'');
    assert_eq!(
        read("a,b\n'1.5',2\n", &single).expect("a table").values(),
        [1.5, 2.0]
    );
    assert!(read("a,k\n1,\"x\n", &label.clone().quote(None)).is_ok());
}

#[test]
fn lines_around_the_table() {
    let comment = plain().comment('#');
    refused_then_read(
        "# made by hand\na,b\n1.5,2\n3,4\n",
        "comment('#')",
        &comment,
    );
    refused_then_read("a,b\n1.5,2\n# half\n3,4\n", "comment", &comment);
    let title = "Weather of 2013\n\na,b\n1.5,2\n3,4\n";
    refused_then_read(title, "skip_rows(1)", &plain().skip_rows(1));
    let units = "a,b\nm,kg\n1.5,2\n3,4\n";
    refused_then_read(
        units,
        "skip_rows_after_header(1)",
        &plain().skip_rows_after_header(1),
    );
}

#[test]
fn names_must_tell_columns_apart() {
    let named = plain().names(&["a", "b"]).header(true);
    refused_then_read(
        "a,a\n1.5,2\n3,4\n",
        "columns 1 and 2 are both called \"a\"",
        &named,
    );
    refused_then_read("a,\n1.5,2\n3,4\n", "column 2 has no name", &named);
    refused_then_read("a,b,\n1.5,2\n3,4\n", "names(&[..])", &named);
    let said = message(read("a,b\n1,2,\n", &plain()), "rows.csv");
    assert!(said.contains("ends with a delimiter"), "{said}");
    let twice = read("a,b\n1,2\n", &plain().columns(Columns::named(&["a", "a"])));
    assert!(matches!(csv_error(twice), CsvError::ColumnTwice { .. }));
    let said = message(read("a,b\n1,2\n1,2,3\n", &plain()), "rows.csv");
    assert!(
        said.contains("line 3, row 2 has 3 fields instead of 2"),
        "{said}"
    );
    for empty in ["", "\n\n", "a,b\n", "\u{feff}"] {
        assert!(
            matches!(csv_error(read(empty, &plain())), CsvError::Empty { .. }),
            "{empty:?}"
        );
    }
}
