//! A density of a table.

use serde_json::{Value, json};
use thalweg::data::{Column, Table};
use thalweg::tabular::{Density, FittedDensity, Missing};
use thalweg_view::Subject;

use crate::client::{Served, serve};

fn penguins() -> Table {
    Table::embedded("penguins").unwrap()
}

fn density() -> FittedDensity {
    let columns = Density::of(["bill_length_mm", "bill_depth_mm"]).given(["species"]);
    columns
        .missing(Missing::Skip)
        .steps(30)
        .members(1)
        .fit(&penguins())
        .unwrap()
}

fn page(data: Option<Table>) -> Served {
    serve(Subject::Table(Box::new(density()), data))
}

fn about(page: &Served) -> Value {
    serde_json::from_slice(&page.post("about", &json!({})).body).unwrap()
}

#[test]
fn rows_of_the_data_and_draws_come_column_by_column() {
    let page = page(Some(penguins()));
    let about = &about(&page)["table"];
    assert_eq!(about["has_data"], true);
    let varies: Vec<bool> = about["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["varies"] == true)
        .collect();
    assert_eq!(varies, [true, true, false]);
    for source in ["data", "draws"] {
        let (head, numbers) = page.frame("table/rows", &json!({ "source": source, "seed": 1 }));
        let rows = head["rows"].as_u64().unwrap() as usize;
        assert_eq!(numbers.len(), 3 * rows);
        assert_eq!(head["columns"][0]["name"], "bill_length_mm");
        let words = head["columns"][2]["words"].as_array().unwrap();
        assert!(words.contains(&json!("Gentoo")), "{words:?}");
        let codes = &numbers[2 * rows..];
        assert!(
            codes
                .iter()
                .all(|code| code.is_nan() || (*code as usize) < words.len())
        );
    }
}

#[test]
fn a_slice_has_the_density_of_its_rows() {
    let page = page(Some(penguins()));
    let request = json!({
        "source": "data", "row": 3, "x": "bill_depth_mm", "y": "bill_length_mm",
        "bounds": [15.0, 17.0, 40.0, 44.0], "side": 2,
    });
    let (_, slice) = page.frame("table/slice", &request);
    // The middles of the cells, from the top left on, at the third row's species.
    let row = penguins().select(&[3; 4]);
    let numbers = |name: &str, values: [f64; 4]| Column::numbers(name, values.to_vec());
    let table = row
        .without("bill_depth_mm")
        .unwrap()
        .without("bill_length_mm")
        .unwrap();
    let table = table
        .with_column(numbers("bill_depth_mm", [15.5, 16.5, 15.5, 16.5]))
        .unwrap();
    let table = table
        .with_column(numbers("bill_length_mm", [43.0, 43.0, 41.0, 41.0]))
        .unwrap();
    for (found, nats) in slice.iter().zip(density().log_prob(&table).unwrap()) {
        assert!(
            (f64::from(*found) - nats.unwrap()).abs() < 1e-4,
            "{slice:?}"
        );
    }
    assert!(slice.iter().all(|nats| nats.is_finite()), "{slice:?}");

    let mut wrong = request;
    for (field, value, words) in [
        ("row", json!(100_000), "got 100000"),
        ("side", json!(1000), "between 1 and 128"),
        ("x", json!("bill"), "bill"),
    ] {
        let right = std::mem::replace(&mut wrong[field], value);
        let reply = page.post("table/slice", &wrong);
        assert!(
            reply.status == 422 && reply.text().contains(words),
            "{}",
            reply.text()
        );
        wrong[field] = right;
    }
}

#[test]
fn a_conditional_density_says_that_it_needs_data() {
    let page = page(None);
    assert_eq!(about(&page)["table"]["has_data"], false);
    let reply = page.post("table/rows", &json!({ "source": "draws", "seed": 0 }));
    assert!(
        reply.status == 422 && reply.text().contains("--data"),
        "{}",
        reply.text()
    );
    // Of images there are none.
    assert_eq!(page.post("images/draws", &json!({})).status, 404);
}
