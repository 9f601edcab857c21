use image::{Rgb, RgbImage};
use thalweg_plot::{Histogram, PlotError};

/// The outline of the first sample.
const BLUE: Rgb<u8> = Rgb([0, 114, 178]);

/// The number of rows of pixels between the highest and the lowest pixel of the outline, in the left and the right half of
/// the middle of the chart.
fn heights(picture: &RgbImage) -> [u32; 2] {
    [110..290, 330..520].map(|columns: std::ops::Range<u32>| {
        let rows = (0..picture.height())
            .filter(|y| columns.clone().any(|x| *picture.get_pixel(x, *y) == BLUE));
        let top = rows.min().unwrap();
        picture.height() - top
    })
}

#[test]
fn the_higher_bar_has_more_values() {
    // Two bins of one width: 3 values to 1.
    let picture = Histogram::new("x")
        .range(0.0, 2.0)
        .bins(2)
        .values("", [0.1, 0.5, 0.9, 1.5])
        .to_image()
        .unwrap();
    let [left, right] = heights(&picture);
    assert!(left > right + 100, "{left} {right}");
}

#[test]
fn values_outside_are_counted_in_the_legend() {
    let svg = Histogram::p_values()
        .values("rows", [0.5, 1.5, -0.1, f64::NAN, f64::INFINITY, 1.0])
        .to_svg()
        .unwrap();
    for words in [
        "rows (4 outside)",
        "uniform, 95 % of bars",
        "p-value",
        "density (uniform = 1)",
    ] {
        assert!(
            svg.lines().any(|line| line == words),
            "{words} is not in {svg}"
        );
    }
    let inside = Histogram::new("x")
        .values("rows", [0.0, 1.0, 2.0])
        .to_svg()
        .unwrap();
    assert!(inside.lines().any(|line| line == "rows"));
}

#[test]
fn the_band_widens_with_fewer_values() {
    let grey = |count: usize| {
        let values = (0..count).map(|i| (i as f64 + 0.5) / count as f64);
        let picture = Histogram::pit().values("", values).to_image().unwrap();
        let row = |y: &u32| (100..500).any(|x| *picture.get_pixel(x, *y) == Rgb([205; 3]));
        // The legend lies above the chart.
        (60..picture.height()).filter(row).count()
    };
    let [few, many] = [grey(200), grey(20_000)];
    assert!(few > 3 * many && many > 0, "{few} {many}");
}

#[test]
fn constant_columns_are_drawn() {
    for value in [0.0, 7.0, 0.3, -1e9] {
        Histogram::new("x")
            .values("", [value; 5])
            .to_image()
            .unwrap();
    }
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    let empty = Histogram::new("x");
    assert!(matches!(empty.to_image(), Err(PlotError::Empty(_))));
    let lost = empty.clone().values("", [f64::NAN]);
    assert!(matches!(lost.to_image(), Err(PlotError::Empty(_))));
    let drawn = empty.values("", [1.0, 2.0]);
    assert!(matches!(
        drawn.clone().bins(0).to_image(),
        Err(PlotError::Zero {
            what: "the number of bins"
        })
    ));
    assert!(matches!(
        drawn.range(2.0, 1.0).to_image(),
        Err(PlotError::Range { .. })
    ));
}
