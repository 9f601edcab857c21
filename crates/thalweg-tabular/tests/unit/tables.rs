//! Tables of known densities.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use serde_json::Value;
use thalweg_data::{Column, Table};

/// `rows` rows of two dependent normal numbers and a word that depends on the first; the numbers have this deviation.
pub(crate) fn mixed(rows: usize, deviation: f64, seed: u64) -> Table {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let (mut x, mut y, mut words) = (vec![], vec![], vec![]);
    for _ in 0..rows {
        let [a, b]: [f64; 2] = [rng.sample(StandardNormal), rng.sample(StandardNormal)];
        x.push(deviation * a);
        y.push(deviation * (0.9 * a + 0.19_f64.sqrt() * b));
        let noisy: f64 = a + rng.sample::<f64, _>(StandardNormal) * 0.3;
        words.push(if noisy > 0.0 { "high" } else { "low" });
    }
    table(vec![
        Column::numbers("x", x).with_unit("mm"),
        Column::numbers("y", y),
        Column::text("level", words),
    ])
}

/// The table of these columns.
pub(crate) fn table(columns: Vec<Column>) -> Table {
    Table::new(columns).expect("columns of one length with different names")
}

/// The same columns, each in an order of its own.
pub(crate) fn shuffled(table: &Table, seed: u64) -> Table {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let columns = table.columns().iter().map(|column| {
        let rows: Vec<usize> = (0..table.rows()).collect();
        let mut keyed: Vec<(f64, usize)> = rows.iter().map(|row| (rng.random(), *row)).collect();
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
        column.select(&keyed.into_iter().map(|(_, row)| row).collect::<Vec<_>>())
    });
    self::table(columns.collect())
}

/// Whether two JSON documents are equal up to the last digits of numbers, which a reader may round.
pub(crate) fn same_json(a: &str, b: &str) -> bool {
    fn same(a: &Value, b: &Value) -> bool {
        match (a, b) {
            (Value::Number(a), Value::Number(b)) => {
                let [a, b] = [a, b].map(|x| x.as_f64().expect("a number"));
                (a - b).abs() <= 1e-14 * a.abs()
            }
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
            }
            (Value::Object(a), Value::Object(b)) => {
                let keys = a.len() == b.len();
                keys && a
                    .iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
            }
            _ => a == b,
        }
    }
    let [a, b] = [a, b].map(|text| serde_json::from_str(text).expect("JSON"));
    same(&a, &b)
}
