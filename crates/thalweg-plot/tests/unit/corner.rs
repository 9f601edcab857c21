use image::{Rgb, RgbImage};
use thalweg_plot::{CornerPlot, PlotError};

const ORANGE: Rgb<u8> = Rgb([213, 94, 0]);

fn wave(step: f64) -> impl Iterator<Item = f64> {
    (0..400).map(move |i| (f64::from(i) * step).sin() + 2.0)
}

fn count(picture: &RgbImage, [left, top]: [u32; 2], side: u32, colour: Rgb<u8>) -> usize {
    let inside =
        |x: u32, y: u32| (left..left + side).contains(&x) && (top..top + side).contains(&y);
    let pixels = picture.enumerate_pixels();
    pixels
        .filter(|(x, y, own)| inside(*x, *y) && **own == colour)
        .count()
}

#[test]
fn columns_and_categories_are_named_with_their_units() {
    let svg = CornerPlot::new("data", "model")
        .title("Birds")
        .numbers("bill (mm)", wave(1.0), wave(1.1))
        .numbers("mass (g)", wave(2.0), wave(2.1))
        .categories(
            "kind",
            ["Auk", "Tern"],
            (0..400).map(|i| i % 2),
            (0..400).map(|i| i % 2),
        )
        .to_svg()
        .unwrap();
    for words in [
        "bill (mm)",
        "mass (g)",
        "kind",
        "Auk",
        "Tern",
        "Birds",
        "data",
        "50 and 90 % of model",
    ] {
        assert!(
            svg.lines().any(|line| line == words),
            "{words} is not in {svg}"
        );
    }
    // The first column is named below, the second and the third at the left too; the last lies on the diagonal.
    let times = |words: &str| svg.lines().filter(|line| *line == words).count();
    assert_eq!(["bill (mm)", "mass (g)", "kind"].map(times), [1, 2, 2]);
}

#[test]
fn the_first_eight_columns_are_drawn_and_the_picture_says_so() {
    let mut corner = CornerPlot::new("data", "model").side(80);
    for column in 0..10 {
        corner = corner.numbers(format!("c{column}"), wave(1.0), wave(1.0));
    }
    let svg = corner.to_svg().unwrap();
    let has = |words: &str| svg.lines().any(|line| line == words);
    assert!(has("first 8 of 10 columns") && has("c7") && !has("c8"));
}

#[test]
fn a_model_elsewhere_is_drawn_elsewhere() {
    // Cells of 200 pixels; that of the pair lies at the lower left.
    let side = 200;
    let corner = |shift: f64| {
        CornerPlot::new("data", "model")
            .side(side)
            .numbers("x", wave(1.0), wave(1.3).map(move |x| x + shift))
            .numbers("y", wave(2.0), wave(2.3).map(move |y| y + shift))
            .to_image()
            .unwrap()
    };
    let half = side / 2 - 4;
    for (shift, lower, upper) in [(20.0, false, true), (-20.0, true, false)] {
        let picture = corner(shift);
        let [left, top] = [92 + 4, 12 + side + 8 + 4];
        let low = count(&picture, [left, top + half], half, ORANGE) > 0;
        let high = count(&picture, [left + half, top], half, ORANGE) > 0;
        assert_eq!((low, high), (lower, upper), "{shift}");
    }
}

#[test]
fn far_rows_do_not_decide_the_axes() {
    let far = || wave(1.0).chain([1e12]);
    let svg = CornerPlot::new("data", "model")
        .numbers("x", far(), far())
        .to_svg()
        .unwrap();
    assert!(!svg.contains("e11") && !svg.contains("e12"), "{svg}");
}

#[test]
fn missing_values_and_constant_columns_are_drawn() {
    CornerPlot::new("data", "model")
        .numbers("constant", [3.0; 4], [3.0; 3])
        .numbers(
            "missing",
            [1.0, f64::NAN, 2.5, f64::INFINITY],
            [f64::NAN; 3],
        )
        .numbers("tiny", [1e-300, 2e-300, 3e-300, 4e-300], [1e-300; 3])
        .categories("kind", ["a", "b"], [0, 1, 9, 1], [7, 7, 7])
        .categories("other", ["c"], [0; 4], [0; 3])
        .to_image()
        .unwrap();
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    let empty = CornerPlot::new("data", "model");
    assert!(matches!(empty.to_image(), Err(PlotError::Empty(_))));
    let none: [&str; 0] = [];
    assert!(matches!(
        empty.clone().categories("kind", none, [0], [0]).to_image(),
        Err(PlotError::Empty(_))
    ));
    assert!(matches!(
        empty.clone().numbers("x", [f64::NAN], []).to_image(),
        Err(PlotError::Empty(_))
    ));
    let error = empty
        .numbers("x", [1.0, 2.0], [1.0])
        .numbers("y", [1.0, 2.0], [1.0, 2.0])
        .to_image()
        .unwrap_err();
    let expected = "1 values of \"model\" in the column \"y\", as in \"x\"";
    assert!(error.to_string().contains(expected), "{error}");
}
