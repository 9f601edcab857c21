//! Slice sampling.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, RngExt};
use rand_distr::{Exp1, StandardNormal};

use super::adaptation::ScaleLearner;
use super::{Kernel, LogDensity, Walkers};
use crate::SbiError;

/// Slice sampling: a level below `ln p̃(u)` is drawn, and then a place on a line through `u` where the density lies above it.
///
/// An interval of random place around `u` steps out until its ends lie below the level; places in it are drawn until one lies
/// above, and each that does not cuts the interval. One step moves along as many lines as there are coordinates. Nothing has to
/// be set: in the warm-up the kernel learns the width of the density along each coordinate. All chains move at once, each
/// by a row of a batch.
///
/// ```
/// use thalweg_sbi::sampler::{HostDensity, Sampling, Slice};
///
/// // No gradient is needed, and nothing has to be set.
/// let normal = HostDensity::new(2, |x| -0.5 * (x[0] - 1.0).powi(2) - x[1] * x[1] / 8.0);
/// let chains = Sampling::new(Slice::new()).run(&normal)?;
/// assert!((chains.samples().mean()[0] - 1.0).abs() < 0.1);
/// // Intervals that do not step out take fewer evaluations.
/// let short = Sampling::new(Slice::new().at_most(1)).run(&normal)?;
/// assert!(short.evaluations() < chains.evaluations());
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
///
/// # References
///
/// Neal: *Slice sampling*, 2003, figures 3 and 5; section 5.1 for random lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    directions: Directions,
    most: u32,
}

/// The lines that [`Slice`] moves along.
///
/// ```
/// use thalweg_sbi::sampler::{Directions, HostDensity, Sampling, Slice};
///
/// // Two strongly correlated coordinates.
/// let ridge = HostDensity::new(2, |x| -50.0 * (x[0] - x[1]).powi(2) - 0.5 * x[0] * x[0]);
/// let slice = Slice::new().directions(Directions::Random);
/// let draws = Sampling::new(slice).draws(3000).run(&ridge)?.samples();
/// assert!(draws.mean()[1].abs() < 0.4);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directions {
    /// One coordinate after the other.
    Coordinates,
    /// Random lines, uniform where each coordinate is measured by its deviation.
    Random,
}

impl Default for Slice {
    fn default() -> Self {
        Self::new()
    }
}

/// The first width of an interval, in deviations: about that of the slices of a normal density.
const WIDTH: f64 = 3.0;

/// A place on the line that is nearer than this part of the first interval is the old one.
const NOWHERE: f64 = 1e-12;

impl Slice {
    /// Along the coordinates, with intervals of 32 widths or less.
    pub fn new() -> Self {
        Self {
            directions: Directions::Coordinates,
            most: 32,
        }
    }

    /// The lines to move along.
    pub fn directions(self, directions: Directions) -> Self {
        Self { directions, ..self }
    }

    /// The largest interval, in widths; 1 never steps out.
    pub fn at_most(self, widths: u32) -> Self {
        Self {
            most: widths,
            ..self
        }
    }
}

/// The interval of one chain on its line, in units of the direction.
struct Interval {
    direction: Vec<f64>,
    level: f64,
    ends: [f64; 2],
    /// The widths that each end may still step out.
    left: [u32; 2],
}

impl Interval {
    fn new(rng: &mut ChaCha8Rng, direction: Vec<f64>, log_density: f64, most: u32) -> Self {
        let below: f64 = rng.sample(Exp1);
        let low = -rng.random::<f64>();
        // The steps are divided at random, so that the way back is as likely.
        let first = rng.random_range(0..most);
        Self {
            direction,
            level: log_density - below,
            ends: [low, low + 1.0],
            left: [first, most - 1 - first],
        }
    }

    fn at(&self, row: &[f64], t: f64) -> Vec<f64> {
        let each = row.iter().zip(&self.direction);
        each.map(|(x, direction)| x + t * direction).collect()
    }
}

/// What [`Slice`] keeps from step to step. See [`Kernel`](super::Kernel) for an example.
#[derive(Debug)]
pub struct SliceState {
    scales: ScaleLearner,
}

impl Slice {
    fn direction(&self, k: usize, scales: &[f64], rng: &mut dyn Rng) -> Vec<f64> {
        match self.directions {
            Directions::Coordinates => {
                let mut direction = vec![0.0; scales.len()];
                direction[k] = WIDTH * scales[k];
                direction
            }
            Directions::Random => {
                let normal: Vec<f64> = scales.iter().map(|_| rng.sample(StandardNormal)).collect();
                let norm = normal.iter().map(|x| x * x).sum::<f64>().sqrt();
                let each = normal.iter().zip(scales);
                each.map(|(x, scale)| WIDTH * x / norm * scale).collect()
            }
        }
    }

    /// Moves each chain along one line.
    fn along<T: LogDensity + ?Sized>(
        &self,
        k: usize,
        scales: &[f64],
        target: &T,
        walkers: &mut Walkers,
    ) -> Result<(), SbiError> {
        let logs = walkers.log_densities.clone();
        let each = walkers.generators.iter_mut().zip(logs);
        let begin = |(rng, log): (&mut ChaCha8Rng, f64)| {
            let direction = self.direction(k, scales, rng);
            Interval::new(rng, direction, log, self.most)
        };
        let mut intervals: Vec<Interval> = each.map(begin).collect();
        step_out(target, walkers, &mut intervals)?;
        shrink(target, walkers, &mut intervals)
    }
}

/// Moves the ends outwards, all chains at once, until they lie below their levels.
fn step_out<T: LogDensity + ?Sized>(
    target: &T,
    walkers: &mut Walkers,
    intervals: &mut [Interval],
) -> Result<(), SbiError> {
    let both = |chain: usize| [(chain, 0), (chain, 1)];
    let mut open: Vec<(usize, usize)> = (0..intervals.len()).flat_map(both).collect();
    loop {
        open.retain(|(chain, end)| intervals[*chain].left[*end] > 0);
        if open.is_empty() {
            return Ok(());
        }
        let place = |(chain, end): &(usize, usize)| {
            let interval = &intervals[*chain];
            interval.at(walkers.row(*chain), interval.ends[*end])
        };
        let rows: Vec<f64> = open.iter().flat_map(place).collect();
        let mut logs = walkers.evaluate(target, &rows)?.into_iter();
        open.retain(|(chain, end)| {
            let interval = &mut intervals[*chain];
            let above = logs.next().is_some_and(|log| log > interval.level);
            if above {
                interval.ends[*end] += if *end == 0 { -1.0 } else { 1.0 };
                interval.left[*end] -= 1;
            }
            above
        });
    }
}

/// Draws places in the intervals, all chains at once, until each lies above its level.
fn shrink<T: LogDensity + ?Sized>(
    target: &T,
    walkers: &mut Walkers,
    intervals: &mut [Interval],
) -> Result<(), SbiError> {
    let mut open: Vec<usize> = (0..intervals.len()).collect();
    while !open.is_empty() {
        let mut drawn = vec![];
        for chain in &open {
            let [low, high] = intervals[*chain].ends;
            let t = low + (high - low) * walkers.generators[*chain].random::<f64>();
            drawn.push((t, intervals[*chain].at(walkers.row(*chain), t)));
        }
        let rows: Vec<f64> = drawn.iter().flat_map(|(_, row)| row.clone()).collect();
        let logs = walkers.evaluate(target, &rows)?;
        let mut each = drawn.into_iter().zip(logs);
        open.retain(|chain| {
            let Some(((t, row), log)) = each.next() else {
                return false;
            };
            let interval = &mut intervals[*chain];
            if log > interval.level {
                walkers.place(*chain, &row, log);
                return false;
            }
            interval.ends[usize::from(t > 0.0)] = t;
            // A level that rounding puts above the chain's own place leaves nothing but that place.
            interval.ends[1] - interval.ends[0] > NOWHERE
        });
    }
    Ok(())
}

impl<T: LogDensity + ?Sized> Kernel<T> for Slice {
    type State = SliceState;

    fn begin(
        &self,
        _target: &T,
        walkers: &mut Walkers,
        warm_up: usize,
    ) -> Result<SliceState, SbiError> {
        let most = f64::from(self.most);
        SbiError::setting(
            "the largest interval of a slice",
            most,
            "1 width or more",
            |n| n >= 1.0,
        )?;
        Ok(SliceState {
            scales: ScaleLearner::new(walkers.dims, warm_up),
        })
    }

    fn advance(
        &self,
        state: &mut SliceState,
        target: &T,
        walkers: &mut Walkers,
    ) -> Result<(), SbiError> {
        for k in 0..walkers.dims {
            self.along(k, state.scales.scales(), target, walkers)?;
        }
        state.scales.learn(&walkers.rows);
        Ok(())
    }
}
