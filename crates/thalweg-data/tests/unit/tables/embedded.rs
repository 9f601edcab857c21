//! The tables inside the crate have the content of their documentation.

use thalweg_data::{ColumnType, Table, nyc_weather, penguins};

use super::{numbers, times, words};

#[test]
fn the_weather_is_whole() {
    let weather = Table::embedded("weather").expect("the weather");
    assert_eq!((weather.rows(), weather.columns().len()), (23_006, 12));
    let numeric = nyc_weather();
    let widths = numeric.widths().expect("widths");
    for (place, name) in numeric.names().iter().enumerate() {
        let column = weather.require(name).expect("a column");
        assert_eq!(column.width(), Some(widths[place]));
        assert!(column.unit().is_some());
        let values = numbers(&weather, name).iter().enumerate();
        assert!(
            values
                .clone()
                .all(|(row, value)| numeric.row(row)[place] == *value)
        );
    }
    assert_eq!(
        weather.require("temp").expect("a column").unit(),
        Some("°F")
    );
    assert_eq!(words(&weather, "origin")[0], Some("EWR"));
    assert_eq!(times(&weather, "time_hour")[0], 1_357_020_000.0);
    // The clock of New York is 5 hours behind UTC in winter: hour 1 is 06:00.
    assert_eq!(numbers(&weather, "hour")[0], 1.0);
    assert!(
        numbers(&weather, "wind_dir")
            .iter()
            .all(|angle| angle % 10.0 == 0.0 && *angle <= 360.0)
    );
}

#[test]
fn temperatures_are_tenths_of_a_kelvin_and_winds_knots() {
    let weather = Table::embedded("weather").expect("the weather");
    for (name, step) in [("temp", 0.18), ("dewp", 0.18), ("pressure", 0.1)] {
        // Distances on the grid, where 32 °F is a point; a tenth of the values has another unit.
        let off = |value: &&f64| {
            let steps = (**value - 32.0) / step;
            (steps - steps.round()).abs() > 0.01
        };
        let values = numbers(&weather, name);
        let off = values.iter().filter(off).count();
        assert!(off * 10 < values.len(), "{name}: {off} of {}", values.len());
    }
    let knots = |value: &f64| value / 1.15078;
    let winds = numbers(&weather, "wind_speed").iter().map(knots);
    assert!(
        winds
            .into_iter()
            .all(|knots| (knots - knots.round()).abs() < 1e-3)
    );
}

#[test]
fn the_penguins_are_whole() {
    let table = Table::embedded("penguins").expect("the penguins");
    let types: Vec<ColumnType> = table
        .columns()
        .iter()
        .map(|c| c.values().column_type())
        .collect();
    let (number, text) = (ColumnType::Numbers, ColumnType::Text);
    assert_eq!(
        types,
        [number, number, number, number, text, text, text, number]
    );
    assert_eq!(
        words(&table, "sex")
            .iter()
            .filter(|sex| sex.is_none())
            .count(),
        9
    );
    assert!((0..342).all(|row| numbers(&table, "body_mass_g")[row] == penguins().row(row)[3]));
    let error = Table::embedded("iris").expect_err("no iris").to_string();
    assert_eq!(
        error,
        "no embedded set is called \"iris\"; the names are weather and penguins"
    );
}
