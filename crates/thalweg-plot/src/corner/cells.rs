//! What is inside the cells.

use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::prelude::{Color, DrawingBackend, RGBAColor, ShapeStyle};

use super::column::Column;
use super::contour::Grid;
use crate::PlotError;
use crate::axis::Axis;
use crate::bins::{Bins, quantile, sorted};
use crate::colour::series;
use crate::frame::Chart;
use crate::render::{draw_error, outline};

/// The largest number of dots in a cell.
const DOTS: usize = 1000;

pub(super) fn fill() -> RGBAColor {
    series(0).mix(0.45)
}

pub(super) fn line(zoom: u32) -> ShapeStyle {
    series(1).stroke_width(2 * zoom)
}

/// The heights of the bars of a sample.
pub(super) fn heights(column: &Column, sample: usize, bins: Bins) -> Vec<f64> {
    bins.densities(&sorted(&column.places(sample)))
}

/// Two distributions of one column: data filled, model as a line.
pub(super) fn draw_diagonal<B: DrawingBackend>(
    chart: &mut Chart<'_, B>,
    column: &Column,
    bins: Bins,
    heights: &[Vec<f64>; 2],
    zoom: u32,
) -> Result<(), PlotError> {
    if column.categories().is_none() {
        let steps = |sample: usize| bins.outline(&heights[sample]);
        chart
            .draw_series([Polygon::new(steps(0), fill())])
            .map_err(draw_error)?;
        chart
            .draw_series([PathElement::new(steps(1), line(zoom))])
            .map_err(draw_error)?;
        return Ok(());
    }
    let bars = |sample: usize| {
        heights[sample].iter().enumerate().map(|(place, height)| {
            let x = place as f64;
            [(x - 0.35, 0.0), (x + 0.35, *height)]
        })
    };
    let filled = bars(0).map(|ends| Rectangle::new(ends, fill().filled()));
    chart.draw_series(filled).map_err(draw_error)?;
    let lines = bars(1).map(|ends| outline(ends, line(zoom)));
    chart.draw_series(lines).map_err(draw_error)?;
    Ok(())
}

/// Two columns, the first along x.
pub(super) fn draw_pair<B: DrawingBackend>(
    chart: &mut Chart<'_, B>,
    columns: [&Column; 2],
    axes: [&Axis; 2],
    zoom: u32,
) -> Result<(), PlotError> {
    let [data, model] = [0, 1].map(|sample| {
        let [x, y] = columns.map(|column| column.places(sample));
        x.into_iter().zip(y).collect::<Vec<(f64, f64)>>()
    });
    match columns.map(Column::categories) {
        [None, None] => {
            draw_dots(chart, &data, axes, zoom)?;
            draw_contours(chart, &model, axes, zoom)
        }
        [Some(across), Some(up)] => draw_shares(chart, [&data, &model], [across, up], zoom),
        [Some(categories), None] => draw_ranges(
            chart,
            [&data, &model],
            categories,
            zoom,
            &|category, value| (category, value.clamp(axes[1].low, axes[1].high)),
        ),
        [None, Some(categories)] => {
            let turned = [&data, &model].map(|points| {
                points
                    .iter()
                    .map(|(x, y)| (*y, *x))
                    .collect::<Vec<(f64, f64)>>()
            });
            let [data, model] = &turned;
            draw_ranges(
                chart,
                [data, model],
                categories,
                zoom,
                &|category, value| (value.clamp(axes[0].low, axes[0].high), category),
            )
        }
    }
}

fn draw_dots<B: DrawingBackend>(
    chart: &mut Chart<'_, B>,
    points: &[(f64, f64)],
    [x, y]: [&Axis; 2],
    zoom: u32,
) -> Result<(), PlotError> {
    let step = points.len().div_ceil(DOTS).max(1);
    let inside = points
        .iter()
        .step_by(step)
        .filter(|(a, b)| x.contains(*a) && y.contains(*b));
    let dots = inside.map(|point| Circle::new(*point, 3 * zoom / 2, fill().filled()));
    chart.draw_series(dots).map_err(draw_error)?;
    Ok(())
}

fn draw_contours<B: DrawingBackend>(
    chart: &mut Chart<'_, B>,
    points: &[(f64, f64)],
    [x, y]: [&Axis; 2],
    zoom: u32,
) -> Result<(), PlotError> {
    let Some(grid) = Grid::of(points, x, y) else {
        return Ok(());
    };
    let style = series(1).stroke_width(3 * zoom / 2);
    for share in [0.5, 0.9] {
        let segments = grid.contour(grid.level(share)).into_iter();
        let segments = segments.map(|segment| PathElement::new(segment, style));
        chart.draw_series(segments).map_err(draw_error)?;
    }
    Ok(())
}

/// The quantiles of numbers in each category, data beside model. `place` is the point of a category and a number.
fn draw_ranges<B: DrawingBackend>(
    chart: &mut Chart<'_, B>,
    samples: [&[(f64, f64)]; 2],
    categories: usize,
    zoom: u32,
    place: &dyn Fn(f64, f64) -> (f64, f64),
) -> Result<(), PlotError> {
    // In narrow bands lines are thinner, so that they do not cover each other.
    let ends = [place(0.0, 0.0), place(1.0, 0.0)].map(|at| chart.backend_coord(&at));
    let band = (ends[1].0 - ends[0].0).abs() + (ends[1].1 - ends[0].1).abs();
    let thick = (band as u32 / 4).clamp(1, 6 * zoom);
    for (sample, points) in samples.into_iter().enumerate() {
        let colour = series(sample);
        for category in 0..categories {
            let own = points.iter().filter(|(code, _)| *code == category as f64);
            let values = sorted(&own.map(|point| point.1).collect::<Vec<f64>>());
            if values.is_empty() {
                continue;
            }
            let middle = category as f64 + [-0.18, 0.18][sample];
            let range = |low: f64, high: f64, width: u32| {
                let ends = [low, high].map(|share| place(middle, quantile(&values, share)));
                PathElement::new(ends, colour.stroke_width(width))
            };
            let lines = [
                range(0.05, 0.95, thick.div_ceil(3)),
                range(0.25, 0.75, thick),
            ];
            chart.draw_series(lines).map_err(draw_error)?;
            let median = quantile(&values, 0.5);
            let across = [-0.13, 0.13].map(|off| place(middle + off, median));
            let median = PathElement::new(across, colour.stroke_width(thick.div_ceil(2)));
            chart.draw_series([median]).map_err(draw_error)?;
        }
    }
    Ok(())
}

/// The shares of pairs of categories as the areas of circles.
fn draw_shares<B: DrawingBackend>(
    chart: &mut Chart<'_, B>,
    samples: [&[(f64, f64)]; 2],
    [across, up]: [usize; 2],
    zoom: u32,
) -> Result<(), PlotError> {
    let shares = samples.map(|points| {
        let mut shares = vec![0.0; across * up];
        let known = points.iter().filter(|(x, y)| !x.is_nan() && !y.is_nan());
        let part = 1.0 / known.clone().count().max(1) as f64;
        for (x, y) in known {
            shares[*y as usize * across + *x as usize] += part;
        }
        shares
    });
    let largest = shares.iter().flatten().fold(0.0, |a: f64, b| a.max(*b));
    let (width, height) = chart.plotting_area().dim_in_pixel();
    let room = 0.46 * f64::from(width / across as u32).min(f64::from(height / up as u32));
    for (sample, shares) in shares.iter().enumerate() {
        let style = match sample {
            0 => fill().filled(),
            _ => line(zoom),
        };
        let circles = shares.iter().enumerate().filter(|(_, share)| **share > 0.0);
        let circles = circles.map(|(place, share)| {
            let middle = ((place % across) as f64, (place / across) as f64);
            Circle::new(
                middle,
                (room * (share / largest).sqrt()).round() as i32,
                style,
            )
        });
        chart.draw_series(circles).map_err(draw_error)?;
    }
    Ok(())
}
