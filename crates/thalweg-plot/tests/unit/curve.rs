//! The content of line charts, and their errors.

use image::{Rgb, RgbImage};
use thalweg_plot::{CurveChart, PlotError};

const BLUE: Rgb<u8> = Rgb([0, 114, 178]);

fn has_blue(picture: &RgbImage, columns: std::ops::Range<u32>) -> bool {
    columns
        .into_iter()
        .any(|x| (0..picture.height()).any(|y| *picture.get_pixel(x, y) == BLUE))
}

/// A flat line of unnamed points, so that the plot fills the picture's width.
fn flat(heights: [f64; 5]) -> RgbImage {
    let points = heights.into_iter().enumerate().map(|(x, y)| (x as u32, y));
    CurveChart::new("x", "y")
        .series("", points)
        .to_image()
        .unwrap()
}

#[test]
fn a_value_that_is_not_finite_is_a_gap() {
    let whole = flat([1.0; 5]);
    let parted = flat([1.0, 1.0, f64::NAN, 1.0, 1.0]);
    // The plot runs from x = 100 to 884; its middle half holds the points 1, 2 and 3.
    assert!(has_blue(&whole, 400..600));
    assert!(!has_blue(&parted, 310..674));
    assert!(has_blue(&parted, 120..290) && has_blue(&parted, 694..860));
}

#[test]
fn higher_values_are_higher_up() {
    let points = [(0.0, 0.0), (1.0, 10.0)];
    let picture = CurveChart::new("x", "y")
        .series("", points)
        .to_image()
        .unwrap();
    let blue: Vec<(u32, u32)> = picture
        .enumerate_pixels()
        .filter(|(.., colour)| **colour == BLUE)
        .map(|(x, y, _)| (x, y))
        .collect();
    let left = blue.iter().min().unwrap();
    let right = blue.iter().max().unwrap();
    assert!(
        right.0 > left.0 + 700 && right.1 + 300 < left.1,
        "{left:?} {right:?}"
    );
}

#[test]
fn a_lone_point_is_a_dot() {
    let picture = CurveChart::new("x", "y")
        .series("", [(3.0, 5.0)])
        .to_image()
        .unwrap();
    assert!(has_blue(&picture, 400..600));
}

#[test]
fn series_and_references_are_named() {
    let long = "a name that is too long for the room beside the chart";
    let svg = CurveChart::new("step", "nats")
        .title("losses")
        .series("training", [(0.0, 3.0), (1.0, 2.0)])
        .series(long, [(0.0, 3.5), (1.0, 2.5)])
        .reference("Gaussian baseline 2.92", 2.92)
        .to_svg()
        .unwrap();
    for words in [
        "step",
        "nats",
        "losses",
        "training",
        "a name that is too long for…",
        "Gaussian baseline 2.92",
    ] {
        assert!(
            svg.lines().any(|line| line == words),
            "{words} is not in {svg}"
        );
    }
}

#[test]
fn wide_names_leave_room_for_the_chart() {
    let chart = CurveChart::new("x", "y").size(480, 320);
    let picture = chart
        .series("W".repeat(28), [(0.0, 1.0), (1.0, 1.0)])
        .to_image()
        .unwrap();
    assert!(has_blue(&picture, 120..200));
}

#[test]
fn the_y_range_cuts_a_spike() {
    let spike = |chart: CurveChart| {
        chart
            .series("", [(0.0, 1.0), (1.0, 1e6), (2.0, 1.0)])
            .to_svg()
            .unwrap()
    };
    assert!(!spike(CurveChart::new("x", "y").y_range(0.0, 2.0)).contains("e6"));
    assert!(
        spike(CurveChart::new("x", "y"))
            .lines()
            .any(|line| line == "1e6")
    );
}

#[test]
fn narrow_and_wide_ranges_are_drawn() {
    for y in [0.0, 1e9, -1e-300, 1e300] {
        let chart = CurveChart::new("x", "y").series("", [(0.0, y), (1.0, y)]);
        assert!(chart.to_svg().is_ok(), "{y}");
    }
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    let empty = CurveChart::new("x", "y");
    assert!(matches!(empty.to_image(), Err(PlotError::Empty { .. })));
    let lost = empty
        .clone()
        .series("diverged", [(0.0, f64::NAN), (1.0, f64::INFINITY)]);
    assert!(matches!(lost.to_image(), Err(PlotError::Empty { .. })));
    let drawn = empty.series("", [(0.0, 1.0), (1.0, 2.0)]);
    for (low, high) in [
        (2.0, 1.0),
        (1.0, 1.0),
        (f64::NAN, 1.0),
        (0.0, f64::INFINITY),
    ] {
        let error = drawn.clone().y_range(low, high).to_image().unwrap_err();
        assert!(
            matches!(
                error,
                PlotError::Range {
                    what: "the y range",
                    ..
                }
            ),
            "{error}"
        );
    }
    let huge = drawn.clone().series("", [(2.0, f64::MAX)]);
    assert!(matches!(huge.to_image(), Err(PlotError::Range { .. })));
    assert!(matches!(
        drawn.size(u32::MAX, 400).to_image(),
        Err(PlotError::TooLarge { .. })
    ));
}

#[test]
fn the_characteristic_has_a_line_of_chance() {
    let svg = CurveChart::roc()
        .series("flow", [(0.0, 0.0), (0.1, 0.9), (1.0, 1.0)])
        .to_svg()
        .unwrap();
    for words in ["false-alarm rate", "recall", "chance", "flow"] {
        assert!(
            svg.lines().any(|line| line == words),
            "{words} is not in {svg}"
        );
    }
    let picture = CurveChart::roc()
        .series("", [(0.0, 0.0), (1.0, 1.0)])
        .to_image()
        .unwrap();
    // On the diagonal the series covers the dashes; above it there is nothing.
    let columns = 200..300;
    assert!(has_blue(&picture, columns.clone()));
    let upper = columns
        .into_iter()
        .any(|x| (0..200).any(|y| *picture.get_pixel(x, y) == BLUE));
    assert!(!upper);
}

/// With the x axis of the points alone, the line would be that of other numbers.
#[test]
fn the_line_of_equal_shares_has_its_ends_in_the_picture() {
    let svg = CurveChart::reliability()
        .series("network", [(0.7, 0.6), (0.95, 0.9)])
        .to_svg()
        .unwrap();
    for tick in ["0.2", "1"] {
        let ticks = svg.lines().filter(|line| *line == tick).count();
        assert_eq!(ticks, 2, "{tick} is not on both axes of {svg}");
    }
}

#[test]
fn the_legend_of_a_narrow_picture_lies_above_the_chart() {
    let picture = CurveChart::new("x", "y")
        .size(480, 320)
        .series("training", [(0.0, 1.0), (1.0, 1.0)])
        .to_image()
        .unwrap();
    // The chart keeps its width, up to the margin.
    assert!(has_blue(&picture, 440..460));
}

#[test]
fn powers_of_ten_are_equally_far_apart_on_a_logarithmic_axis() {
    let points = [(0.0, 1e-8), (1.0, 1e-5), (2.0, 1e-2)];
    let chart = CurveChart::new("x", "y")
        .series("", points)
        .reference("bound", 1e-5);
    let svg = chart.clone().log_y().to_svg().unwrap();
    for tick in ["1e−8", "1e−5", "0.01"] {
        assert!(
            svg.lines().any(|line| line == tick),
            "{tick} is not in {svg}"
        );
    }
    // A straight line through the middle, where the reference is.
    let picture = chart.log_y().to_image().unwrap();
    let blue = picture
        .enumerate_pixels()
        .filter(|(.., colour)| **colour == BLUE);
    let heights: Vec<u32> = blue.map(|(_, y, _)| y).collect();
    let (low, high) = (heights.iter().min().unwrap(), heights.iter().max().unwrap());
    let mean = heights.iter().sum::<u32>() / heights.len() as u32;
    assert!(mean.abs_diff((low + high) / 2) < 5, "{low} {mean} {high}");
}

#[test]
fn zero_is_a_gap_on_a_logarithmic_axis() {
    let chart = |heights: [f64; 3]| {
        let points = heights.into_iter().enumerate().map(|(x, y)| (x as u32, y));
        CurveChart::new("x", "y")
            .series("", points)
            .log_y()
            .to_image()
    };
    assert!(has_blue(&chart([1.0, 1.0, 1.0]).unwrap(), 400..600));
    assert!(!has_blue(&chart([1.0, 0.0, 1.0]).unwrap(), 400..600));
    assert!(matches!(chart([0.0, -1.0, 0.0]), Err(PlotError::Empty(_))));
}

#[test]
fn a_band_is_grey_between_its_heights_and_ends_at_the_axes() {
    const GREY: Rgb<u8> = Rgb([205, 205, 205]);
    let grey = |chart: CurveChart| -> Vec<u32> {
        let picture = chart.size(600, 400).to_image().unwrap();
        let pixels = picture.enumerate_pixels();
        let grey = pixels.filter(|(.., colour)| **colour == GREY);
        // Without the mark in the legend, which lies right of the plot.
        let inside = grey.filter(|(x, ..)| (150..200).contains(x));
        inside.map(|(_, y, _)| y).collect()
    };
    let chart = || {
        CurveChart::new("x", "y")
            .series("", [(0.0, 0.0), (1.0, 0.0)])
            .y_range(0.0, 4.0)
    };
    let lower = grey(chart().band("b", [(0.0, 1.0, 2.0), (1.0, 1.0, 2.0)]));
    let upper = grey(chart().band("b", [(0.0, 2.0, 99.0), (1.0, 2.0, 99.0)]));
    assert!(lower.len() > 1000 && upper.iter().min() < lower.iter().min());
    let ratio = upper.len() as f64 / lower.len() as f64;
    assert!((ratio - 2.0).abs() < 0.1, "{ratio}");
    assert!(grey(chart().band("b", [(0.0, f64::NAN, 2.0), (1.0, 1.0, f64::NAN)])).is_empty());
}
