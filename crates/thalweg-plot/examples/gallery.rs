//! Draws one picture of each kind into the folder given, by default `gallery`.

use std::path::PathBuf;

use thalweg_plot::{
    CornerPlot, CurveChart, Figure, HeatMap, Histogram, Page, Panel, PlotError, QuantileBands,
    Region, SampleGrid,
};

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
    field().save(folder.join("field.png"))?;
    for ending in ["png", "svg"] {
        let place = |name: &str| folder.join(format!("{name}.{ending}"));
        pit(700, 1.25).save(place("pit"))?;
        p_values().save(place("p_values"))?;
        scores().save(place("scores"))?;
        roc().save(place("roc"))?;
        bands().save(place("bands"))?;
        corner().save(place("corner"))?;
        page().save(place("page"))?;
    }
    Ok(())
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

/// Numbers that spread evenly over 0 to 1.
fn spread(count: u32, step: f64) -> impl Iterator<Item = f64> + Clone {
    (0..count).map(move |i| ((f64::from(i) + 0.5) * step).fract())
}

/// The logistic quantile, scaled to about a standard normal one.
fn bell(share: f64) -> f64 {
    (share / (1.0 - share)).ln() * 0.55
}

/// A model whose distributions are too narrow for a power above 1.
fn pit(count: u32, power: f64) -> Histogram {
    let values = spread(count, 0.618_033_988_7).map(move |u| {
        let edge = (2.0 * u - 1.0).abs().powf(1.0 / power);
        0.5 + 0.5 * edge.copysign(u - 0.5)
    });
    Histogram::pit()
        .title("Calibration")
        .values("held-out rows", values)
}

fn p_values() -> Histogram {
    let ordinary = spread(900, 0.618_033_988_7);
    let anomalies = spread(80, 0.414_213_562_4).map(|u| 0.5 * u.powi(6));
    Histogram::p_values()
        .title("Conformal p-values")
        .values("ordinary rows", ordinary)
        .values("anomalies", anomalies)
}

fn scores() -> Histogram {
    let ordinary = spread(900, 0.618_033_988_7).map(|u| 3.0 + bell(u));
    let anomalies = spread(200, 0.414_213_562_4).map(|u| 6.0 + 2.0 * bell(u));
    Histogram::new("score (−nats)")
        .title("Scores")
        .values("ordinary", ordinary)
        .values("anomalies", anomalies.chain([f64::INFINITY]))
}

fn roc() -> CurveChart {
    let curve = |power: f64| {
        (0..=50).map(move |i| (f64::from(i) / 50.0, (f64::from(i) / 50.0).powf(power)))
    };
    CurveChart::roc()
        .title("Anomalies among ordinary rows")
        .series("flow, area 0.91", curve(0.1))
        .series("neighbours, area 0.80", curve(0.25))
        .size(760, 460)
}

fn bands() -> QuantileBands {
    let middle = |hour: f64| 12.0 - 6.0 * ((hour - 3.0) * std::f64::consts::TAU / 24.0).cos();
    let width = |hour: f64| 1.5 + hour / 12.0;
    let quantiles = (0..=96).map(move |step| {
        let hour = f64::from(step) / 4.0;
        let spread = [-1.64, -0.67, 0.0, 0.67, 1.64];
        (hour, spread.map(|z| middle(hour) + width(hour) * z))
    });
    let points = spread(300, 0.618_033_988_7)
        .zip(spread(300, 0.414_213_562_4))
        .map(move |(u, v)| (24.0 * u, middle(24.0 * u) + width(24.0 * u) * bell(v)));
    QuantileBands::new("hour", "temperature (°C)")
        .title("Temperature given the hour")
        .quantiles(quantiles)
        .points(points)
}

/// Three species of birds, and a model that makes the second too heavy and the third too rare.
fn corner() -> CornerPlot {
    let rows = |count: u32, shift: f64, steps: [f64; 3]| {
        let species = (0..count)
            .map(move |i| usize::from(i % 10 >= 4) + usize::from(f64::from(i % 10) >= 7.0 + shift));
        let noise = spread(count, steps[0])
            .zip(spread(count, steps[1]))
            .zip(spread(count, steps[2]));
        species.zip(noise).map(move |(species, ((a, b), c))| {
            let (a, b) = (bell(a), bell(b));
            let bill = [38.8, 48.8, 47.5][species] + 2.8 * a;
            let mass = [3700.0, 3733.0 + 800.0 * shift, 5076.0][species] + 280.0 * a + 330.0 * b;
            let island = (c * 3.0) as usize;
            (
                bill,
                mass,
                species,
                if species == 0 { island } else { 3 - species },
                (6.0 * c).floor(),
            )
        })
    };
    let data: Vec<_> = rows(
        3000,
        0.0,
        [0.618_033_988_7, 0.414_213_562_4, 0.732_050_807_6],
    )
    .collect();
    let model: Vec<_> = rows(2000, 0.9, [0.324_717_957, 0.754_877_666, 0.569_840_29]).collect();
    CornerPlot::new("data", "model")
        .title("Penguins")
        .numbers(
            "bill (mm)",
            data.iter().map(|r| r.0),
            model.iter().map(|r| r.0),
        )
        .numbers(
            "mass (g)",
            data.iter().map(|r| r.1),
            model.iter().map(|r| r.1),
        )
        .numbers("eggs", data.iter().map(|r| r.4), model.iter().map(|r| r.4))
        .categories(
            "species",
            ["Adelie", "Chinstrap", "Gentoo"],
            data.iter().map(|r| r.2),
            model.iter().map(|r| r.2),
        )
        .categories(
            "island",
            ["Biscoe", "Dream", "Torgersen"],
            data.iter().map(|r| r.3),
            model.iter().map(|r| r.3),
        )
}

fn page() -> Page {
    let words = [
        "3,000 rows, 4 columns; held-out log-density −9.81 nats a row (Gaussian −10.42)",
        "classifier two-sample test: area 0.54 ± 0.01",
    ];
    Page::new("A report")
        .row(80, [Figure::Words(words.map(str::to_owned).to_vec())])
        .row(360, [Figure::from(curve()), pit(700, 1.0).into()])
        .row(
            360,
            [Figure::from(roc()), bands().into(), p_values().into()],
        )
        .row(900, [corner()])
}
