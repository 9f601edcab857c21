//! Simulations on several threads, some of which may never come back.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::ran::Ran;
use super::{Cause, Simulator};

/// The result of one simulation.
type Simulation = Result<Vec<f64>, Cause>;

/// Simulations that threads share.
struct Work {
    simulator: Arc<dyn Simulator>,
    seed: u64,
    /// The number of each simulation, and its parameters.
    tasks: Vec<(usize, Vec<f64>)>,
    next: AtomicUsize,
    /// The task of each thread and when it began.
    running: Mutex<BTreeMap<usize, (usize, Instant)>>,
}

/// How to run simulations.
#[derive(Debug, Clone, Copy)]
pub(super) struct Threads {
    pub(super) count: usize,
    /// A thread that takes longer for one simulation is left alone, and another one takes its place.
    pub(super) limit: Option<Duration>,
}

/// The generator of a simulation's data.
pub(super) fn generator(seed: u64, index: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    // Parameters have the even streams.
    rng.set_stream(2 * index as u64 + 1);
    rng
}

/// Runs simulations, in the order of the tasks.
pub(super) fn run(
    simulator: &Arc<dyn Simulator>,
    seed: u64,
    tasks: Vec<(usize, Vec<f64>)>,
    threads: Threads,
) -> Vec<Ran> {
    let count = tasks.len();
    let work = Arc::new(Work {
        simulator: simulator.clone(),
        seed,
        tasks,
        next: AtomicUsize::new(0),
        running: Mutex::default(),
    });
    let (sender, receiver) = channel();
    let names = threads.count.min(count).max(1);
    (0..names).for_each(|name| start(name, &work, &sender));
    let data = collect(&work, count, names, threads.limit, &sender, &receiver);
    let rows = work.tasks.iter().cloned().zip(data);
    rows.map(|((index, theta), x)| Ran { index, theta, x })
        .collect()
}

type Sent = (usize, Simulation);

/// Waits for all simulations, and starts a thread in place of each that takes too long.
fn collect(
    work: &Arc<Work>,
    count: usize,
    mut names: usize,
    limit: Option<Duration>,
    sender: &Sender<Sent>,
    receiver: &Receiver<Sent>,
) -> Vec<Simulation> {
    let mut found: Vec<Option<Simulation>> = vec![None; count];
    let mut left = count;
    while left > 0 {
        let wait = limit.map_or(Duration::from_secs(3600), |limit| limit / 8);
        match receiver.recv_timeout(wait.max(Duration::from_millis(1))) {
            Ok((task, simulation)) => {
                // A simulation that was given up may still come.
                if found[task].is_none() {
                    found[task] = Some(simulation);
                    left -= 1;
                }
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        let Some(limit) = limit else { continue };
        for task in work.overdue(limit) {
            if found[task].is_none() {
                found[task] = Some(Err(Cause::TimedOut(limit)));
                left -= 1;
            }
            start(names, work, sender);
            names += 1;
        }
    }
    found.into_iter().flatten().collect()
}

impl Work {
    /// Forgets the threads whose simulations take longer than the limit, and returns their tasks.
    fn overdue(&self, limit: Duration) -> Vec<usize> {
        let mut running = self.running();
        let late: Vec<usize> = running
            .iter()
            .filter(|(_, (_, began))| began.elapsed() > limit)
            .map(|(name, _)| *name)
            .collect();
        let tasks = late.iter().filter_map(|name| running.remove(name));
        tasks.map(|(task, _)| task).collect()
    }

    fn running(&self) -> std::sync::MutexGuard<'_, BTreeMap<usize, (usize, Instant)>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn simulate(&self, task: usize) -> Simulation {
        let (index, theta) = &self.tasks[task];
        let rng = &mut generator(self.seed, *index);
        let run = AssertUnwindSafe(|| self.simulator.simulate(theta, rng));
        let x = match catch_unwind(run) {
            Ok(result) => result.map_err(Cause::Error)?,
            Err(payload) => return Err(Cause::Panic(message(&*payload))),
        };
        match x.iter().position(|value| !value.is_finite()) {
            None => Ok(x),
            Some(entry) => Err(Cause::NotFinite {
                entry,
                value: x[entry].to_string(),
            }),
        }
    }
}

fn start(name: usize, work: &Arc<Work>, sender: &Sender<Sent>) {
    let (work, sender) = (work.clone(), sender.clone());
    thread::spawn(move || {
        loop {
            let task = work.next.fetch_add(1, Ordering::Relaxed);
            if task >= work.tasks.len() {
                return;
            }
            work.running().insert(name, (task, Instant::now()));
            let simulation = work.simulate(task);
            let known = work.running().remove(&name).is_some();
            // Without a receiver the run is over; a thread that was given up has been replaced.
            if sender.send((task, simulation)).is_err() || !known {
                return;
            }
        }
    });
}

/// The message of a panic.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("no message").to_owned()
}
