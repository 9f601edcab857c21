//! One density of the plane by each kind of flow of vectors, side by side: its picture, held-out nats, parameters, seconds.

use std::error::Error;
use std::f64::consts::PI;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use thalweg::data::Toy;
use thalweg::flow::{Activation, Monotone};
use thalweg::models::ComposedConfig;
use thalweg::models::composed::{LayerConfig, MaskedConfig, MonotoneConfig};
use thalweg::prelude::*;
use thalweg_examples::{Common, learn_plane, run};

/// Flows of vectors side by side on a density of the plane.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// The model to train; by default each of them.
    #[arg(long, value_enum)]
    model: Option<Kind>,
    /// The density: two_moons, rings, checkerboard, pinwheel, eight_gaussians, spirals.
    #[arg(long, default_value = "checkerboard")]
    toy: Toy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Kind {
    Realnvp,
    Nsf,
    Maf,
    Iaf,
    NsfAr,
    Circular,
    Planar,
    Naf,
    FlowMatching,
    Ffjord,
}

/// Layers behind one that standardizes the data.
fn standardized(layers: impl IntoIterator<Item = LayerConfig>) -> ComposedConfig {
    let layers = [LayerConfig::ActNorm].into_iter().chain(layers);
    ComposedConfig::new(2, layers.collect())
}

/// 32 planar maps.
fn planar() -> ComposedConfig {
    standardized(vec![LayerConfig::Planar; 32])
}

/// Five layers of increasing networks, each in the order opposite to that of the one before.
fn neural() -> ComposedConfig {
    let layer = |index: usize| LayerConfig::NeuralAutoregressive {
        univariate: MonotoneConfig {
            signal: 16,
            hidden: vec![64, 64],
            monotone: Monotone::PositiveWeights,
        },
        network: MaskedConfig {
            order: [vec![0, 1], vec![1, 0]][index % 2].clone(),
            degrees: vec![vec![1; 64]; 2],
            residual: false,
            activation: Activation::Silu,
            modulation: None,
            plain_entry: false,
            angles: vec![],
        },
    };
    standardized((0..5).map(layer))
}

fn learn_all(options: &Options) -> Result<(), Box<dyn Error>> {
    let (common, toy) = (&options.common, options.toy);
    let example = common.start("all_flows")?;
    let (seed, on) = (common.seed, example.autodiff());
    let rows = toy.to_tensor(50_000, seed, &example.device);
    println!("minus the exact entropy: {:.3} nats", -toy.entropy());
    // Every model is made and fitted to the data in the same way, by methods of no common trait.
    macro_rules! learn {
        ($name:literal, $config:expr, $steps:literal, $loss:expr, $unit:expr) => {{
            let unit = $unit;
            let rows = rows.clone() / unit;
            let model = $config.with_seed(seed).try_init(&on)?.initialize(&rows)?;
            learn_plane((&example, $name), (toy, unit), (model, $steps), $loss)?
        }};
        ($name:literal, $config:expr, $steps:literal, $loss:expr) => {
            learn!($name, $config, $steps, $loss, 1.0)
        };
        ($name:literal, $config:expr) => {
            learn!($name, $config, 2000, |flow, x, _| flow.loss(x))
        };
    }
    let wanted = |kind: &&Kind| options.model.is_none_or(|model| model == **kind);
    for kind in Kind::value_variants().iter().filter(wanted) {
        match kind {
            Kind::Realnvp => learn!("realnvp", CouplingFlowConfig::realnvp(2)),
            Kind::Nsf => learn!("nsf", CouplingFlowConfig::nsf(2)),
            Kind::Maf => learn!("maf", AutoregressiveFlowConfig::maf(2)),
            Kind::Iaf => learn!("iaf", AutoregressiveFlowConfig::iaf(2)),
            Kind::NsfAr => learn!("nsf_ar", AutoregressiveFlowConfig::nsf_ar(2)),
            Kind::Circular => {
                // The picture once around the torus.
                let half = toy
                    .bounds()
                    .into_iter()
                    .fold(0.0, |half, x| x.abs().max(half));
                let config = CouplingFlowConfig::circular(2);
                learn!(
                    "circular",
                    config,
                    2000,
                    |flow, x, _| flow.loss(x),
                    half / PI
                );
            }
            Kind::Planar => learn!("planar", planar()),
            Kind::Naf => learn!("naf", neural()),
            Kind::FlowMatching => {
                let config = ContinuousFlowConfig::flow_matching(2);
                learn!("flow_matching", config, 8000, |flow, x, noise| flow
                    .loss(x, noise));
            }
            Kind::Ffjord => {
                let config = ContinuousFlowConfig::ffjord(2).with_hidden(vec![64; 2]);
                learn!("ffjord", config, 300, |flow, x, noise| flow.loss(x, noise));
            }
        }
    }
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| learn_all(&Options::parse()))
}
