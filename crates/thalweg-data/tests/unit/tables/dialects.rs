//! The dialect is found and said, or the error names the option.

use thalweg_data::{ColumnType, Columns, CsvOptions, Encoding, Table};

use super::{numbers, parse, refused, sound, times, words};

fn options() -> CsvOptions {
    CsvOptions::new()
}

#[test]
fn delimiters_are_found() {
    for mark in [",", ";", "\t", "|", " ", "   "] {
        let text = "a,kind,b\n1.5,x,2\n3,y,4\n-1,x,7\n".replace(',', mark);
        let table = sound(&text);
        assert_eq!(table.names(), ["a", "kind", "b"], "{mark:?}");
        assert_eq!(numbers(&table, "b"), [2.0, 4.0, 7.0]);
        assert_eq!(words(&table, "kind"), [Some("x"), Some("y"), Some("x")]);
        let said = match mark.trim_matches(' ') {
            "" => "fields between blanks".to_owned(),
            mark => format!("delimiter {:?}", mark.chars().next().expect("a mark")),
        };
        assert!(table.notes()[0].starts_with(&said), "{:?}", table.notes());
    }
    // Other marks inside the fields do not mislead.
    let table = sound("time;what\n2013-01-01 10:00:00;rain, wind\n2013-01-02 11:30:00;sun, wind\n");
    assert_eq!(table.names(), ["time", "what"]);
    assert_eq!(times(&table, "time")[0], 1_357_034_400.0);
    let table = sound("name\nNew York\nLos Angeles\nNew York\n");
    assert_eq!(words(&table, "name")[1], Some("Los Angeles"));
    let table = sound("t\n2013-01-01 10:00:00\n2013-01-02 11:30:00\n");
    assert_eq!(times(&table, "t").len(), 2);
    let said = refused("1,2;3,4\n5,6;7,8\nx,9;y,1\n", &options());
    assert!(said.contains("line 1: both ',' and ';'"), "{said}");
    assert!(Table::parse("1,2;3,4\n5,6;7,8\n".as_bytes(), &options().delimiter(';')).is_ok());
    let excel = sound("sep=|\r\na|b\r\n1|2\r\n");
    assert_eq!(numbers(&excel, "b"), [2.0]);
}

#[test]
fn decimal_commas_and_thousands_are_found() {
    for (text, wanted, said) in [
        ("a;b\n1,5;2\n-3,25;4\n", [1.5, -3.25], "decimal ','"),
        (
            "a;b\n1.234,5;2\n3;4\n",
            [1234.5, 3.0],
            "decimal ',', thousands '.'",
        ),
        (
            "a;b\n1,234.5;2\n3;4\n",
            [1234.5, 3.0],
            "decimal '.', thousands ','",
        ),
        (
            "a,b\n\"1,234,567\",2\n3,4\n",
            [1_234_567.0, 3.0],
            "decimal '.', thousands ','",
        ),
        (
            "a;b\n12 345,5;2\n3;4\n",
            [12_345.5, 3.0],
            "decimal ',', thousands ' '",
        ),
        (
            "a;b\n12'345.5;2\n3;4\n",
            [12_345.5, 3.0],
            "decimal '.', thousands '\\''",
        ),
        ("a;b\n1.234;2\n3.5;4\n", [1.234, 3.5], "decimal '.',"),
        ("a,b\n\"1,5\",2\n\"0,25\",4\n", [1.5, 0.25], "decimal ','"),
    ] {
        let table = sound(text);
        assert_eq!(numbers(&table, "a"), wanted, "{text}");
        assert!(
            table.notes()[0].contains(said),
            "{:?} {said}",
            table.notes()
        );
    }
    let said = refused("a;b\n1,234;x\n5,678;y\n", &options());
    let wanted = "line 2, column \"a\": \"1,234\" is 1.234 with decimal(',') and 1234 with decimal('.') and \
                  thousands(',')";
    assert!(said.contains(wanted), "{said}");
    let options = options().decimal('.').thousands(',');
    let table = Table::parse("a;b\n1,234;x\n5,678;y\n".as_bytes(), &options).expect("a table");
    assert_eq!(numbers(&table, "a"), [1234.0, 5678.0]);
    // One column needs a comma, the other a point.
    let said = refused("a;b\n1,5;1.5\n2,5;2.5\n", &CsvOptions::new());
    assert!(
        said.contains("line 2, column") && said.contains("decimal('.')"),
        "{said}"
    );
}

#[test]
fn headers_are_found() {
    let table = sound("1.5,x\n2,y\n");
    assert_eq!(
        (table.rows(), table.names()),
        (2, vec!["column_1", "column_2"])
    );
    assert!(
        table.notes()[0].contains("no header"),
        "{:?}",
        table.notes()
    );
    // The iris of UCI.
    let iris = sound("5.1,3.5,Iris-setosa\n4.9,3.0,Iris-setosa\n6.3,3.3,Iris-virginica\n");
    assert_eq!(iris.rows(), 3);
    let said = refused("id,2013,2014\n1,5,6\n2,7,8\n", &options());
    assert!(
        said.contains("line 1: \"id\" may be a column's name and \"2013\" a value"),
        "{said}"
    );
    let header = options().header(true);
    let table = Table::parse("id,2013,2014\n1,5,6\n2,7,8\n".as_bytes(), &header).expect("a table");
    assert_eq!(table.names(), ["id", "2013", "2014"]);
    // Only text: a word that comes again is no name, and columns that repeat words have one.
    assert_eq!(sound("x,y\nx,z\nw,z\n").rows(), 3);
    assert_eq!(sound("name,town\nann,rome\nbob,rome\n").rows(), 2);
    assert_eq!(
        sound("name,town\nann,rome\nbob,paris\n").names(),
        ["name", "town"]
    );
    let named = options().names(&["a", "b"]);
    let table = Table::parse("1,2\n3,4\n".as_bytes(), &named).expect("a table");
    assert_eq!((table.rows(), table.names()), (2, vec!["a", "b"]));
}

#[test]
fn names_become_unique() {
    let table = sound("x,x,,x_2,x\n1,2,3,4,5\n6,7,8,9,1\n");
    assert_eq!(table.names(), ["x", "x_3", "column_3", "x_2", "x_4"]);
    let notes = table.notes().join("\n");
    assert!(
        notes.contains("column 3 has no name and is called \"column_3\""),
        "{notes}"
    );
    assert!(
        notes.contains("column 2 has the name of an earlier one, \"x\", and is called \"x_3\""),
        "{notes}"
    );
    // R's row names, pandas' index, a delimiter at the end of each line.
    let table = sound("a,b\nr1,1.5,2\nr2,3,4\n");
    assert_eq!(table.names(), ["column_1", "a", "b"]);
    let table = sound(",a,b\n0,1.5,2\n1,3,4\n");
    assert_eq!(table.names(), ["column_1", "a", "b"]);
    for text in ["a,b,\n1,2,\n3,4,\n", "a,b\n1,2,\n3,4,\n"] {
        let table = sound(text);
        assert_eq!(table.names(), ["a", "b"], "{text}");
        assert!(
            table.notes()[1].contains("ends with a delimiter"),
            "{:?}",
            table.notes()
        );
    }
    let table = sound("index,a\n0,5\n1,6\n2,6\n");
    assert!(
        table.notes()[1].contains("without(&[\"index\"])"),
        "{:?}",
        table.notes()
    );
}

#[test]
fn missing_values_are_said() {
    let table = sound("a,b,c\n1,x,2013-01-01\nNA,?,\n,NULL,N/A\n3,y,2013-01-02\n");
    assert!(numbers(&table, "a")[1].is_nan() && numbers(&table, "a")[2].is_nan());
    assert_eq!(words(&table, "b"), [Some("x"), None, None, Some("y")]);
    assert!(times(&table, "c")[1].is_nan() && times(&table, "c")[2].is_nan());
    let said =
        "missing values spelled \"\" (2), \"?\" (1), \"N/A\" (1), \"NA\" (1), \"NULL\" (1), 4 rows";
    assert!(table.notes()[0].ends_with(said), "{:?}", table.notes());
    // A word in quotes is one.
    assert_eq!(words(&sound("a,b\n1,\"NA\"\n2,x\n"), "b")[0], Some("NA"));
    let coded = options().missing_words(&["-999", "x"]);
    let table = Table::parse("a,b\n-999,\"x\"\n1,y\n".as_bytes(), &coded).expect("a table");
    assert!(numbers(&table, "a")[0].is_nan() && words(&table, "b")[0].is_none());
    let dropped = Table::parse(
        "a,b\n,x\n1,\n2,z\n".as_bytes(),
        &options().drop_missing(true),
    );
    assert_eq!(words(&dropped.expect("a table"), "b"), [Some("z")]);
    let table = sound("a,b\n1,\n2,\n");
    assert!(
        table.notes()[1].contains("\"b\" has no values"),
        "{:?}",
        table.notes()
    );
}

#[test]
fn types_are_found() {
    let table =
        sound("code,flag,n,t\n00123,true,-inf,2013-01-31T23:59:59.5\n10000,false,1e3,2013-01-31\n");
    assert_eq!(words(&table, "code")[0], Some("00123"));
    assert_eq!(words(&table, "flag")[1], Some("false"));
    assert_eq!(numbers(&table, "n"), [f64::NEG_INFINITY, 1000.0]);
    assert_eq!(times(&table, "t"), [1_359_676_799.5, 1_359_590_400.0]);
    let zones =
        sound("a,t\n1,2013-01-01T06:00:00Z\n2,2013-01-01T07:00+01:00\n3,2013-01-01 06:00\n");
    assert_eq!(times(&zones, "t"), [1_357_020_000.0; 3]);
    let types = [("code", ColumnType::Numbers), ("n", ColumnType::Text)];
    let given = Table::parse(
        "code,n\n00123,1\n7,2\n".as_bytes(),
        &options().types(&types),
    );
    let given = given.expect("a table");
    assert_eq!(numbers(&given, "code"), [123.0, 7.0]);
    assert_eq!(words(&given, "n"), [Some("1"), Some("2")]);
    let columns = options().columns(Columns::named(&["n", "a"]).with_label("k"));
    let table = Table::parse("a,k,n,z\n1,5,2,x\n3,6,4,y\n".as_bytes(), &columns).expect("a table");
    assert_eq!(table.names(), ["n", "a", "k"]);
    assert_eq!(words(&table, "k")[0], Some("5"));
    let said = refused("a,b\n1,2\n", &options().types(&[("z", ColumnType::Text)]));
    assert!(
        said.contains("no column \"z\"") && said.contains("[\"a\", \"b\"]"),
        "{said}"
    );
}

/// A column of numbers with one other field.
fn mixed(rows: usize, odd: &str) -> String {
    let row = |row: usize| match row {
        7 => format!("{odd},x\n"),
        _ => format!("{row}.5,x\n"),
    };
    "a,b\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

#[test]
fn a_few_odd_fields_are_mistakes() {
    let said = refused(mixed(1000, "oops"), &options());
    assert!(
        said.contains("line 9, row 8 column \"a\": \"oops\" is not one of the numbers"),
        "{said}"
    );
    assert!(
        said.contains("(1 of 1000 fields are not)") && said.contains("missing_words(&[\"oops\"])")
    );
    let read = Table::parse(
        mixed(1000, "oops").as_bytes(),
        &options().missing_words(&["oops"]),
    );
    assert!(numbers(&read.expect("a table"), "a")[7].is_nan());
    // Many are text.
    let text = "a,b\n1,x\n2,x\nA/5,x\n3,x\nB7,x\n";
    assert_eq!(words(&sound(text), "a")[2], Some("A/5"));
    assert!(sound(text).notes()[1].contains("\"a\" is text, with words such as \"1\""));
    let forced = options().types(&[("a", ColumnType::Numbers)]);
    let said = refused(text, &forced);
    assert!(
        said.contains("line 4, row 3 column \"a\": \"A/5\" is not a finite number"),
        "{said}"
    );
    let times = options().types(&[("a", ColumnType::Times)]);
    let said = refused("a,b\n2013-01-01,1\n1.2.2013,2\n", &times);
    assert!(
        said.contains("line 3, row 2 column \"a\": \"1.2.2013\" is not a time"),
        "{said}"
    );
}

#[test]
fn the_beginning_may_mislead() {
    // Far more text than decides the types: codes and words come later.
    let rows = 200_000;
    let row = |row: usize| match row > rows / 2 {
        true => format!("w{row},0{row},{row}\n"),
        false => format!("{row},{row},{row}\n"),
    };
    let text = "a,b,c\n".to_owned() + &(1..=rows).map(row).collect::<String>();
    let table = sound(&text);
    assert_eq!(words(&table, "a")[rows - 1], Some("w200000"));
    assert_eq!(words(&table, "b")[0], Some("1"));
    assert_eq!(numbers(&table, "c")[rows - 1], rows as f64);
}

#[test]
fn digits_that_f64_does_not_keep() {
    let column: String = (0..100_u64)
        .map(|i| format!("{},1\n", 1_700_000_000_000_000_001 + i))
        .collect();
    let said = refused(format!("t,b\n{column}"), &options());
    assert!(
        said.contains("column \"t\"") && said.contains("1700000000000000001"),
        "{said}"
    );
    let text = options().types(&[("t", ColumnType::Text)]);
    assert!(Table::parse(format!("t,b\n{column}").as_bytes(), &text).is_ok());
}

#[test]
fn quotes_encodings_and_damage() {
    let table = sound("'a';'b;c'\n'1.5';'x;y'\n'2';'it''s'\n");
    assert_eq!(table.names(), ["a", "b;c"]);
    assert_eq!(words(&table, "b;c"), [Some("x;y"), Some("it's")]);
    let table = sound("a,b\n1,\" two\nlines \"\n2,x\n");
    assert_eq!(words(&table, "b")[0], Some(" two\nlines "));
    let utf8 = "\u{feff}größe,b\n1.5,ß\n3,ä\n";
    let little: Vec<u8> = utf8.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [utf8.as_bytes(), &little] {
        assert_eq!(words(&sound(bytes), "b"), [Some("ß"), Some("ä")]);
    }
    let latin: Vec<u8> = "größe,b\n1.5,2\n3,4\n".chars().map(|c| c as u8).collect();
    let said = refused(&latin, &options());
    assert!(
        said.contains("line 1: the byte f6 is not UTF-8; give encoding"),
        "{said}"
    );
    assert!(Table::parse(latin.as_slice(), &options().encoding(Encoding::Latin1)).is_ok());

    for (text, wanted) in [
        ("", "no line of text"),
        ("\n\n \n", "no line of text"),
        ("a,b\n", "a header and no rows"),
        ("a,b\n1,2\n3\n", "line 3, row 2 has 1 fields instead of 2"),
        (
            "a,b\n1,2\n3,4,5\n",
            "line 3, row 2 has 3 fields instead of 2",
        ),
        ("a,b\n1,\"x\n2,y\n", "line 2: the quote"),
        ("a,b\n1,\"x\"y\n", "line 2: after the closing quote"),
        ("a,b\n1,2\n\0\0\n", "bytes of 0"),
        ("Title\n\na,b\n1,2\n3,4\n", "skip_rows(1)"),
        ("# made by hand\na,b\n1,2\n3,4\n", "skip_rows(1)"),
        ("a,b\n1,2\n# half\n3,4\n", "comment('#')"),
    ] {
        let said = refused(text, &options());
        assert!(
            said.contains(wanted) && said.starts_with("the stream"),
            "{text:?}: {said}"
        );
    }
    let one = sound("x\n1\n2\n");
    assert_eq!(numbers(&one, "x"), [1.0, 2.0]);
    assert!(parse("7").is_ok());
}
