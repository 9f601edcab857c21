//! Draws one picture of each kind into the folder given, by default `gallery`.

use std::path::PathBuf;

use thalweg_plot::{CurveChart, HeatMap, Panel, PlotError, Region, SampleGrid};

fn main() -> Result<(), PlotError> {
    let folder = PathBuf::from(
        std::env::args()
            .nth(1)
            .unwrap_or_else(|| "gallery".to_owned()),
    );
    SampleGrid::new(8, 8, 1)
        .columns(10)
        .save(&grid(), folder.join("grid.png"))?;
    SampleGrid::paths(8, 8, 3, 9).save(&strip(), folder.join("strip.png"))?;
    let chart = curve();
    chart.save(folder.join("curve.png"))?;
    chart.save(folder.join("curve.svg"))?;
    heat_map().save(folder.join("heatmap.png"))?;
    field().save(folder.join("field.png"))
}

/// Rings of growing radius; one pixel of the last is not a number.
fn grid() -> Vec<f32> {
    let ring = |radius: f32, y: f32, x: f32| (-((x - 3.5).hypot(y - 3.5) - radius).powi(2)).exp();
    let mut pixels: Vec<f32> = (0..37)
        .flat_map(|sample| {
            (0..64)
                .map(move |pixel| ring(sample as f32 / 9.0, (pixel / 8) as f32, (pixel % 8) as f32))
        })
        .collect();
    pixels[36 * 64 + 27] = f32::NAN;
    pixels
}

/// Two paths between colours.
fn strip() -> Vec<f32> {
    let path = |ends: [[f32; 3]; 2]| {
        (0..9).flat_map(move |step| {
            let share = step as f32 / 8.0;
            (0..3).flat_map(move |c| vec![ends[0][c] * (1.0 - share) + ends[1][c] * share; 64])
        })
    };
    path([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
        .chain(path([[1.0, 1.0, 0.0], [0.0, 0.5, 0.5]]))
        .collect()
}

fn curve() -> CurveChart {
    let steps = || (0..=200).map(|step| f64::from(step) * 100.0);
    let loss = |rate: f64, end: f64| {
        move |step: f64| {
            (
                step,
                end + 1.5 * (-step * rate).exp() + 0.02 * (step / 130.0).sin(),
            )
        }
    };
    let gap = |(step, loss): (f64, f64)| {
        (
            step,
            if (9000.0..11000.0).contains(&step) {
                f64::NAN
            } else {
                loss
            },
        )
    };
    CurveChart::new("step", "nats per dimension")
        .title("Negative log-likelihood on the digits")
        .series("RealNVP, training", steps().map(loss(4e-4, 2.35)))
        .series("RealNVP, validation", steps().map(loss(4e-4, 2.5)).map(gap))
        .series("Glow, training", steps().map(loss(8e-4, 2.2)))
        .series("Glow, validation", steps().map(loss(8e-4, 2.42)))
        .reference("Gaussian baseline 2.92", 2.92)
        .reference("published 2.31", 2.31)
}

fn heat_map() -> HeatMap {
    let region = Region {
        x: [-2.5, 2.5],
        y: [-1.5, 2.5],
    };
    let banana = |bend: f64| {
        move |x: f64, y: f64| (-x * x / 2.0 - (y - bend * x * x).powi(2) * 4.0).exp() / 1.57
    };
    let samples = (0..600).map(|i| {
        let (a, b) = (
            (f64::from(i) + 0.5) / 600.0,
            (f64::from(i) * 0.618_034) % 1.0,
        );
        let x = (a / (1.0 - a)).ln() * 0.55;
        [x, 0.4 * x * x + (b / (1.0 - b)).ln() * 0.19]
    });
    HeatMap::new(region)
        .title("A bent normal")
        .labels("x", "y")
        .panel(Panel::from_fn("exact density", region, 200, banana(0.4)))
        .panel(
            Panel::from_fn("learned density", region, 200, banana(0.35))
                .points(samples.clone().step_by(10)),
        )
        .panel(Panel::from_points("samples", samples))
}

/// Points that fall into a vortex, at three times, and the field that moves them; one vector is not finite.
fn field() -> HeatMap {
    let region = Region::square(2.0);
    let velocity = |[x, y]: [f64; 2]| [-y - x / 3.0, x - y / 3.0];
    let mut vectors: Vec<[f64; 2]> = region.centres(15, 15).into_iter().map(velocity).collect();
    vectors[30] = [f64::NAN; 2];
    let speed = move |x: f64, y: f64| velocity([x, y])[0].hypot(velocity([x, y])[1]);
    let mut map = HeatMap::new(region)
        .title("A vortex")
        .side(200)
        .panel(Panel::from_fn("speed", region, 100, speed).arrows(15, 15, vectors.clone()));
    for time in 0..3 {
        let (turn, shrink) = (f64::from(time) / 2.0, (-f64::from(time) / 6.0).exp());
        let points = (0..300).map(|i| {
            let angle = f64::from(i) * 0.01 + turn;
            let radius = (1.0 + 0.3 * (f64::from(i) * 0.618_034).fract()) * shrink;
            [radius * angle.cos(), radius * angle.sin()]
        });
        let panel = Panel::from_points(format!("time {turn}"), points);
        map = map.panel(panel.arrows(15, 15, vectors.clone()));
    }
    map
}
