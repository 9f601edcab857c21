//! Pictures that several examples draw.

use std::error::Error;
use std::path::Path;

use thalweg::burn::tensor::kind::Basic;
use thalweg::burn::tensor::{Int, Tensor};
use thalweg::data::Toy;
use thalweg::flow::{BitsPerDim, Latents, latent};
use thalweg::plot::{CurveChart, HeatMap, Panel, PlotError, Region, SampleGrid};

use thalweg::prelude::Device;
use thalweg::train::{EpochRecord, History};

/// Training and validation losses over the epochs, converted to a unit.
pub fn loss_curve(history: &History, unit: &str, convert: impl Fn(f64) -> f64) -> CurveChart {
    let series = |value: fn(&EpochRecord) -> Option<f64>| -> Vec<(f64, f64)> {
        let point = |e: &EpochRecord| value(e).map(|loss| (e.epoch as f64 + 1.0, convert(loss)));
        history.epochs().iter().filter_map(point).collect()
    };
    CurveChart::new("epoch", unit)
        .series("training", series(|epoch| epoch.loss))
        .series("validation", series(|epoch| epoch.validation))
}

/// Training and validation losses over the epochs, in bits a dimension.
pub fn bits_curve(history: &History, units: BitsPerDim) -> CurveChart {
    loss_curve(history, "bits/dim", |loss| units.from_nats(-loss))
}

/// The first rows of a tensor, at most `count`.
pub fn first<const D: usize, K: Basic>(rows: &Tensor<D, K>, count: usize) -> Tensor<D, K> {
    rows.clone().narrow(0, 0, rows.dims()[0].min(count))
}

/// A tensor's numbers on the host.
pub fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// Rows of two numbers.
pub fn points(rows: Tensor<2>) -> Vec<[f32; 2]> {
    let rows = numbers(rows);
    rows.chunks_exact(2).map(|p| [p[0], p[1]]).collect()
}

/// The centres of `cells` × `cells` cells of a region, `[cells², 2]`, in the order of [`Region::centres`].
pub fn centres(region: Region, cells: usize, device: &Device) -> Tensor<2> {
    let centres = region.centres(cells, cells).concat();
    Tensor::<1>::from_floats(centres.as_slice(), device).reshape([cells * cells, 2])
}

/// Cells along each side of a density map.
const CELLS: usize = 200;

/// A toy density, the learned density, and samples of it, `[n, 2]`.
pub fn density_map(
    toy: Toy,
    log_prob: impl Fn(Tensor<2>) -> Tensor<1>,
    samples: Tensor<2>,
    path: impl AsRef<Path>,
) -> Result<(), Box<dyn Error>> {
    let [left, right, bottom, top] = toy.bounds();
    let [x, y] = [[left, right], [bottom, top]];
    let region = Region { x, y };
    let centres = centres(region, CELLS, &samples.device()).cast(samples.dtype());
    let learned = numbers(log_prob(centres).exp());
    let samples = points(samples);
    let truth = |x, y| toy.log_density([x, y]).exp();
    HeatMap::new(region)
        .panel(Panel::from_fn("true density", region, CELLS, truth))
        .panel(Panel::from_values("learned", CELLS, CELLS, learned))
        .panel(Panel::from_points("samples", samples))
        .save(path)?;
    Ok(())
}

/// Images of the unit cube as tiles, with `columns` tiles in a row.
pub fn tiles(images: Tensor<4>, columns: usize, path: impl AsRef<Path>) -> Result<(), PlotError> {
    let [_, channels, height, width] = images.dims();
    let grid = SampleGrid::new(height, width, channels).columns(columns);
    grid.save(&numbers(images), path)
}

/// Two features a sample, a panel for each class.
pub fn class_map(
    features: Tensor<2>,
    classes: Tensor<1, Int>,
    path: impl AsRef<Path>,
) -> Result<(), PlotError> {
    let features = numbers(features);
    let reach = features.iter().fold(0.0_f32, |reach, x| reach.max(x.abs()));
    let classes: Vec<i64> = classes.into_data().iter().collect();
    let count = classes.iter().max().map_or(0, |last| last + 1);
    let mut map = HeatMap::new(Region::square(reach.into())).side(150);
    for class in 0..count {
        let points = features.chunks_exact(2).zip(&classes);
        let points = points.filter(|(_, own)| **own == class);
        let points = points.map(|(point, _)| [point[0], point[1]]);
        map = map.panel(Panel::from_points(class.to_string(), points));
    }
    map.save(path)
}

/// Images of three models side by side, `columns` of each in a row, with a white column between.
pub fn beside(parts: [Tensor<4>; 3], columns: usize) -> Tensor<4> {
    let [count, channels, height, width] = parts[0].dims();
    let white = Tensor::ones([1, channels, height, width], &parts[0].device());
    let rows = (0..count / columns).flat_map(|row| {
        let part = |part: &Tensor<4>| part.clone().narrow(0, row * columns, columns);
        let [a, b, c] = parts.each_ref().map(part);
        [a, white.clone(), b, white.clone(), c]
    });
    Tensor::cat(rows.collect(), 0)
}

/// Images on a path between two latents.
const STRIP: usize = 9;

/// Paths between pairs of latents, `interpolation.png`, and a square among the first four,
/// `four_corners.png`. Draws nothing for fewer than four latents.
pub fn walk_latents(
    z: Latents,
    path: latent::Path,
    decode: impl Fn(Latents) -> Tensor<4>,
    file: impl Fn(&str) -> std::path::PathBuf,
) -> Result<(), PlotError> {
    let (shapes, pairs) = (z.shapes(), (z.batch_size() / 2).min(9));
    if pairs < 2 {
        return Ok(());
    }
    let z = z.flatten();
    let decode = |z| decode(Latents::restore(z, &shapes));
    let [from, to] = [0, pairs].map(|start| z.clone().narrow(0, start, pairs));
    let strip = path.strip(from, to, STRIP);
    tiles(decode(strip), STRIP, file("interpolation.png"))?;
    let square = path.grid(z.narrow(0, 0, 4), STRIP);
    tiles(decode(square), STRIP, file("four_corners.png"))
}
