use image::Rgb;
use thalweg_plot::{CurveChart, Figure, Histogram, Page, PlotError};

const BLUE: Rgb<u8> = Rgb([0, 114, 178]);

fn curve() -> CurveChart {
    CurveChart::new("epoch", "nats").series("", [(0.0, 1.0), (1.0, 2.0)])
}

fn words(lines: &[&str]) -> Figure {
    Figure::Words(lines.iter().map(|line| (*line).to_owned()).collect())
}

#[test]
fn pictures_lie_in_their_places() {
    // A row of words and one of three places, of which the middle holds the only curve.
    let page = Page::new("")
        .width(900)
        .row(60, [words(&["a", "b"])])
        .row(240, [words(&[]), curve().into(), words(&[])]);
    let picture = page.to_image().unwrap();
    assert_eq!(picture.dimensions(), (900, 300));
    let blue = picture
        .enumerate_pixels()
        .filter(|(.., colour)| **colour == BLUE);
    let places: Vec<(u32, u32)> = blue.map(|(x, y, _)| (x, y)).collect();
    assert!(places.len() > 50);
    assert!(
        places
            .iter()
            .all(|(x, y)| (300..600).contains(x) && *y >= 60),
        "{places:?}"
    );
}

#[test]
fn all_words_are_on_the_page() {
    let page = Page::new("Report")
        .row(60, [words(&["held-out −2.6 nats"])])
        .row(
            300,
            [
                Figure::from(curve()),
                Histogram::pit().values("rows", [0.5]).into(),
            ],
        );
    let svg = page.to_svg().unwrap();
    for words in ["Report", "held-out −2.6 nats", "epoch", "nats", "rows"] {
        assert!(
            svg.lines().any(|line| line == words),
            "{words} is not in {svg}"
        );
    }
    assert!(
        svg.starts_with("<svg width=\"1200\" height=\"408\" viewBox=\"0 0 9600 3264\""),
        "{svg}"
    );
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    assert!(matches!(
        Page::new("x").to_image(),
        Err(PlotError::Empty(_))
    ));
    let none: [Figure; 0] = [];
    assert!(matches!(
        Page::new("x").row(50, none).to_image(),
        Err(PlotError::Empty(_))
    ));
    let lost = Page::new("x").row(300, [CurveChart::new("x", "y")]);
    assert!(matches!(lost.to_image(), Err(PlotError::Empty(_))));
    let huge = Page::new("x").row(u32::MAX, [curve()]);
    assert!(matches!(huge.to_image(), Err(PlotError::TooLarge { .. })));
    let low = Page::new("x").row(20, [curve()]);
    assert!(matches!(
        low.to_image(),
        Err(PlotError::TooSmall {
            width: 1200,
            height: 20,
            ..
        })
    ));
}
