use image::{Rgb, RgbImage};
use thalweg_plot::{PlotError, QuantileBands};

const MEDIAN: Rgb<u8> = Rgb([0, 50, 90]);

/// A picture without a legend's room in its way: the chart runs from x = 84 to some 620.
fn picture(bands: QuantileBands) -> RgbImage {
    bands.to_image().unwrap()
}

fn columns_with(picture: &RgbImage, colour: Rgb<u8>) -> Vec<u32> {
    let has = |x: &u32| (0..picture.height()).any(|y| *picture.get_pixel(*x, y) == colour);
    (90..600).filter(has).collect()
}

fn flat(x: f64) -> (f64, [f64; 5]) {
    (x, [0.0, 1.0, 2.0, 3.0, 4.0])
}

#[test]
fn bands_lie_around_the_median() {
    let picture = picture(QuantileBands::new("x", "y").quantiles([flat(0.0), flat(1.0)]));
    // Down the middle: white, the wide band, the narrow one, the median, and back.
    let x = 350;
    let mut colours: Vec<Rgb<u8>> = (50..350).map(|y| *picture.get_pixel(x, y)).collect();
    colours.dedup();
    let place = |colour: Rgb<u8>| colours.iter().position(|own| *own == colour).unwrap();
    let (wide, narrow) = (Rgb([204, 227, 239]), Rgb([122, 182, 216]));
    let near = |a: Rgb<u8>, b: Rgb<u8>| (0..3).all(|c| a.0[c].abs_diff(b.0[c]) <= 3);
    let first = |colour: Rgb<u8>| colours.iter().position(|own| near(*own, colour)).unwrap();
    assert!(
        first(wide) < first(narrow) && first(narrow) < place(MEDIAN),
        "{colours:?}"
    );
}

#[test]
fn a_quantile_that_is_not_finite_is_a_gap() {
    let places = |gap: f64| {
        let mut quantiles: Vec<_> = (0..5).map(|x| flat(f64::from(x))).collect();
        quantiles[2].1[3] = gap;
        picture(QuantileBands::new("x", "y").quantiles(quantiles))
    };
    let whole = columns_with(&places(3.0), MEDIAN);
    let parted = columns_with(&places(f64::NAN), MEDIAN);
    assert!(whole.len() > 400, "{}", whole.len());
    // Half of the way lies between the places 1 and 3.
    assert!(
        parted.len() * 10 < whole.len() * 6 && !parted.is_empty(),
        "{}",
        parted.len()
    );
}

#[test]
fn observations_widen_the_axes_and_are_named() {
    let bands = QuantileBands::new("hour", "°C").quantiles([flat(0.0), flat(1.0)]);
    let plain = bands.to_svg().unwrap();
    assert!(!plain.contains("observed"));
    let svg = bands
        .points([(0.5, 50.0), (f64::NAN, 900.0)])
        .to_svg()
        .unwrap();
    for words in [
        "observed",
        "5–95 %",
        "25–75 %",
        "median",
        "hour",
        "°C",
        "50",
    ] {
        assert!(
            svg.lines().any(|line| line == words),
            "{words} is not in {svg}"
        );
    }
    assert!(!svg.lines().any(|line| line == "900"));
}

#[test]
fn no_quantiles_are_an_error() {
    let points = QuantileBands::new("x", "y").points([(0.0, 1.0)]);
    assert!(matches!(points.to_image(), Err(PlotError::Empty(_))));
}
