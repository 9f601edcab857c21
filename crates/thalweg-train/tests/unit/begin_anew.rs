//! A callback that is given to a second run does what a fresh one does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::common::{Line, Points, points, sgd};
use thalweg_optim::State;
use thalweg_train::{
    BestCheckpoint, BestMetric, Callback, CsvLog, CtrlC, Data, DrawSamples, EarlyStopping, Ema,
    GradientNorms, Hyper, JsonLines, LastCheckpoint, Progress, ProgressBar, Recover,
    ReduceOnPlateau, Signal, TensorBoard, Trainer, Watch, on_epoch_end,
};

type Boxed = Box<dyn Callback<Line>>;
type Make = fn(&Path) -> Boxed;
/// Step, losses, size of the step, metrics.
type Row = (usize, Option<f64>, Option<f64>, f64, BTreeMap<String, f64>);

/// Every callback of the library: the name of its type, and how one is made that writes into a folder.
fn all() -> Vec<(&'static str, Make)> {
    fn weight(line: &Line) -> f64 {
        f64::from(line.values()[1])
    }
    vec![
        ("BestCheckpoint", |at| {
            Box::new(BestCheckpoint::new(at.join("best")))
        }),
        ("BestMetric", |_| {
            Box::new(BestMetric::highest("weight", weight))
        }),
        ("CsvLog", |at| {
            Box::new(CsvLog::new(at.join("log.csv")).metrics(["weight"]))
        }),
        ("CtrlC", |_| Box::new(CtrlC::new())),
        ("DrawSamples", |at| {
            Box::new(DrawSamples::new(at, |line: &Line, _, path: &Path| {
                fs::write(path, format!("{:?}", line.values()))
            }))
        }),
        ("EarlyStopping", |_| {
            Box::new(EarlyStopping::new(3).restore_best())
        }),
        ("Ema", |_| Box::new(Ema::new(0.9))),
        ("GradientNorms", |_| Box::new(GradientNorms::new())),
        ("HyperSchedule", |_| {
            Box::new(Hyper::new("beta", 0.0).by_step(|step| step as f64))
        }),
        ("JsonLines", |at| {
            Box::new(JsonLines::new(at.join("log.jsonl")))
        }),
        ("LastCheckpoint", |at| {
            Box::new(LastCheckpoint::new(at.join("last")))
        }),
        ("ProgressBar", |at| {
            let file = fs::File::create(at.join("progress")).expect("no error");
            Box::new(ProgressBar::lines(file))
        }),
        ("Recover", |_| Box::new(Recover::above(30.0).scale(0.5))),
        ("ReduceOnPlateau", |_| {
            Box::new(ReduceOnPlateau::new(1, 0.5).at_most(2).cooldown(1))
        }),
        ("TensorBoard", |at| {
            Box::new(TensorBoard::new(at.join("events")))
        }),
        ("Watch", |_| {
            let watch = Watch::new("weight", weight);
            Box::new(watch.warn_above(0.0).stop_above(2.5))
        }),
        ("Every", |_| {
            let reduce = ReduceOnPlateau::new(1, 0.5).at_most(1);
            Box::new(Callback::<Line>::every(reduce, 2))
        }),
        ("OnBest", |_| {
            Box::new(BestMetric::lowest("weight", weight).on_best())
        }),
        ("OnEpochEnd", |_| {
            Box::new(on_epoch_end(|at: &Progress, _: &Line| {
                Signal::metric("epoch", at.epoch as f64)
            }))
        }),
    ]
}

/// Implementations of `Callback` that are not in the list: those that only hold others, the plain
/// `Hyper`, a number of the program's that says that it keeps its value, and `Watched`, which each fit of a `Recipe` makes anew.
const OTHERS: [&str; 8] = [
    "()", "&mut", "Box", "Option", "Vec", "($(", "Hyper", "Watched",
];

/// The first word of what each `impl Callback<M> for` in a folder of sources is for.
fn implemented(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("no error") {
        let path = entry.expect("no error").path();
        if path.is_dir() {
            implemented(&path, found);
            continue;
        }
        let source = fs::read_to_string(&path).expect("no error");
        for line in source
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            if let Some((_, what)) = line.split_once("Callback<M> for ") {
                let end = what.find([' ', '<', '{']).unwrap_or(what.len());
                let name = if what.starts_with("($") {
                    "($("
                } else {
                    &what[..end]
                };
                found.insert(name.to_owned());
            }
        }
    }
}

#[test]
fn the_list_is_complete() {
    let mut found = BTreeSet::new();
    implemented(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    let listed = all().into_iter().map(|(name, _)| name).chain(OTHERS);
    let listed: BTreeSet<String> = listed.map(str::to_owned).collect();
    assert_eq!(found, listed);
}

/// A loss that falls and then stays too high, above `base`.
fn data(base: f32) -> Data<impl Fn(usize) -> Vec<Points>, impl Fn(usize) -> Vec<Points>> {
    let train = |_| vec![points([0.0], [1.0]), points([0.0], [3.0])];
    Data::train(train).validate(move |epoch| {
        let targets = [3.0, 2.0, 2.0, 2.5, 1.0, 4.0, 4.0, 4.0];
        vec![points([0.0], [base + targets[epoch]])]
    })
}

/// Of a run all that does not tell the time.
#[derive(Debug, PartialEq)]
struct Seen {
    outcome: String,
    weights: [f32; 2],
    history: Vec<Row>,
    state: State,
}

/// A validation loss that does not depend on the weights.
fn loss(line: &Line, (x, y): Points, seed: u64) -> burn::tensor::Tensor<1> {
    match line.bias.val().is_autodiff() {
        true => crate::common::squared_error(line, (x, y), seed),
        false => y.square().mean(),
    }
}

fn run(callback: &mut Boxed, base: f32) -> Seen {
    let mut norms = GradientNorms::new();
    let trained = Trainer::new(8, 0.1).fit(
        Line::zero(),
        norms.of(sgd()),
        &data(base),
        loss,
        &mut (&mut norms, &mut *callback),
    );
    let rows = trained.history.epochs().iter();
    let rows = rows.map(|row| {
        let metrics = row.metrics.clone();
        (row.step, row.loss, row.validation, row.step_size, metrics)
    });
    Seen {
        outcome: trained.outcome.to_string(),
        weights: trained.model.values(),
        history: rows.collect(),
        state: callback.state(),
    }
}

/// The files of a folder without times: of each line only what comes before the seconds.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("no error") {
        let path = entry.expect("no error").path();
        let name = path
            .file_name()
            .expect("no error")
            .to_string_lossy()
            .into_owned();
        let Ok(text) = fs::read_to_string(&path) else {
            continue; // a folder of events, or a model
        };
        let line = |line: &str| {
            let end = line.find("\"seconds\"").or(line.find("ms/step"));
            let csv = name.ends_with(".csv").then(|| {
                let fields: Vec<&str> = line.split(',').collect();
                [&fields[..5], &fields[6..]].concat().join(",")
            });
            csv.unwrap_or_else(|| {
                line[..end.unwrap_or(line.len())]
                    .trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ' ')
                    .to_owned()
            })
        };
        // The second run's lines come last in a writer of the program's own.
        let lines: Vec<String> = text.lines().map(line).collect();
        let from = lines
            .iter()
            .rposition(|line| line.starts_with("epoch 1/"))
            .unwrap_or(0);
        files.insert(name, lines[from..].join("\n"));
    }
    files
}

#[test]
fn a_second_run_with_the_same_callback_is_one_with_a_fresh_one() {
    for (name, make) in all() {
        let folders = [(); 2].map(|()| tempfile::tempdir().expect("no error"));
        let [used, fresh] = folders.each_ref().map(|folder| folder.path());
        let mut callback = make(used);
        // The first run has lower losses than the second, so that what it leaves behind shows.
        run(&mut callback, -1.0);
        let again = run(&mut callback, 3.0);
        let alone = run(&mut make(fresh), 3.0);
        assert_eq!(again, alone, "{name}");
        assert_eq!(files(used), files(fresh), "{name}");
    }
}

/// A schedule's number is that of the run before its first step too.
#[test]
fn a_schedule_begins_with_its_first_number() {
    struct See(Hyper, Vec<f64>);
    impl Callback<Line> for See {
        fn on_train_begin(&mut self, _: &Progress, _: &Line) -> Signal {
            self.1.push(self.0.get());
            Signal::CONTINUE
        }
    }
    let beta = Hyper::new("beta", 7.0);
    let (mut by_step, mut by_epoch) = (
        beta.by_step(|step| step as f64),
        beta.by_epoch(|at| at as f64),
    );
    let mut see = See(beta.clone(), vec![]);
    let fit = |callbacks: &mut dyn Callback<Line>| {
        let trained = Trainer::new(2, 0.1).fit(Line::zero(), sgd(), &data(0.0), loss, callbacks);
        assert!(trained.outcome.is_success());
    };
    fit(&mut (&mut by_step, &mut see));
    fit(&mut (&mut by_step, &mut see));
    fit(&mut (&mut by_epoch, &mut see));
    assert_eq!(see.1, [0.0; 3]);
}
