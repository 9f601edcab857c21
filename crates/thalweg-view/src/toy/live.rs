//! The training as the page asks for it.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use serde::{Deserialize, Serialize};
use thalweg::burn::tensor::Device;
use thalweg::data::Toy;

use super::choice::Choice;
use super::shared::Shared;
use super::snapshot::{Snapshot, held_out, mean};
use super::training::run;
use crate::frame::frame;
use crate::grid::{SIDE, cells};
use crate::http::{Body, Refusal};
use crate::limits::within;

/// The largest number of points of a frame.
const POINTS: usize = 5000;

/// A training in a thread of its own, which ends with this.
#[derive(Debug)]
pub(crate) struct Live {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What a frame shall show.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    /// Cells along each side of the density; 0 for none.
    side: usize,
    /// Draws of the flow.
    draws: usize,
    /// Draws whose ways through the layers are shown.
    ways: usize,
    /// The point that is looked at.
    point: Option<[f32; 2]>,
}

/// What a frame shows; the numbers behind it are the density, the draws, and the ways stage by stage.
#[derive(Debug, Serialize)]
struct Shown {
    run: u64,
    choice: Choice,
    step: usize,
    playing: bool,
    ended: Option<String>,
    /// Mean nats of points that were held out.
    nats: f64,
    side: usize,
    draws: usize,
    ways: usize,
    stages: usize,
    point: Option<Point>,
}

/// A point and what the flow says of it.
#[derive(Debug, Serialize)]
struct Point {
    at: [f32; 2],
    nats: f32,
    /// Nats of the true density; none outside its support.
    exact: Option<f64>,
    p_value: Option<f64>,
    /// From its latent to itself.
    way: Vec<[f32; 2]>,
}

impl Live {
    pub(crate) fn new(choice: Choice, playing: bool, device: &Device) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(choice, playing));
        let (of_thread, device) = (shared.clone(), device.clone());
        let thread = thread::Builder::new().name("view-training".to_owned());
        let thread = Some(thread.spawn(move || run(&of_thread, &device))?);
        Ok(Self { shared, thread })
    }

    pub(crate) fn start(&self, choice: Choice) {
        self.shared.start(choice);
    }

    pub(crate) fn play(&self, playing: bool) {
        self.shared.play(playing);
    }

    pub(crate) fn frame(&self, ask: &Ask) -> Result<Body, Refusal> {
        within("the side of a grid", ask.side, 0..=SIDE)?;
        within("the number of draws", ask.draws, 0..=POINTS)?;
        within("the number of ways", ask.ways, 0..=POINTS)?;
        let asked = self.shared.frame();
        let seen = &asked.seen;
        let Some(snapshot) = &seen.snapshot else {
            return Err(Refusal::new(500, seen.ended.clone().unwrap_or_default()));
        };
        let mut numbers = snapshot.grid(ask.side);
        numbers.extend_from_slice(snapshot.draw(ask.draws, 2).as_flattened());
        let ways = snapshot.ways(&snapshot.draw(ask.ways, 2));
        numbers.extend(ways.iter().flatten().flatten());
        let shown = Shown {
            run: seen.run,
            choice: snapshot.choice,
            step: snapshot.step,
            playing: asked.playing,
            ended: seen.ended.clone(),
            nats: snapshot.nats(),
            side: ask.side,
            draws: ask.draws,
            ways: ask.ways,
            stages: ways.len(),
            point: ask.point.map(|at| Point::of(at, snapshot)),
        };
        frame(&shown, &numbers)
    }
}

impl Point {
    fn of(at: [f32; 2], snapshot: &Snapshot) -> Self {
        let nats = snapshot.log_probs(&[at])[0];
        let exact = snapshot.choice.toy.log_density(at.map(f64::from));
        Self {
            at,
            nats,
            exact: exact.is_finite().then_some(exact),
            p_value: snapshot.p_value(nats),
            way: snapshot.ways(&[at]).into_iter().flatten().collect(),
        }
    }
}

/// The true density on a grid, and the mean nats that the best flow would have.
pub(crate) fn exact(toy: Toy, side: usize) -> Result<Body, Refusal> {
    #[derive(Serialize)]
    struct Exact {
        side: usize,
        nats: f64,
    }
    within("the side of a grid", side, 0..=SIDE)?;
    let density = |point: &[f32; 2]| toy.log_density(point.map(f64::from));
    let numbers: Vec<f32> = cells(toy.bounds(), side)
        .iter()
        .map(|point| density(point) as f32)
        .collect();
    let nats = mean(held_out(toy).iter().map(density));
    frame(&Exact { side, nats }, &numbers)
}

impl Drop for Live {
    fn drop(&mut self) {
        self.shared.close();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
