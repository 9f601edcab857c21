//! `GlowBlock`: a coupling, a 1×1 convolution, an actnorm, from latents to data.

use burn::tensor::{Int, Tensor, TensorData};
use thalweg_flow::{ActNorm, ConvNet, Invertible1x1, Plu};
use thalweg_models::DiagonalGlowConfig;
use thalweg_models::edge_glow::{EdgeCoupling, EdgeStep};

use crate::ConvertError;
use crate::glow_pytorch::{Conv, order};
use crate::normflows::linear::initialized;
use crate::state::StateDict;
use crate::weights::Place;

/// The sizes of a block and of the network of its coupling.
pub(super) struct Net {
    /// Of the images that the block takes.
    pub(super) channels: usize,
    pub(super) hidden: usize,
    pub(super) is_additive: bool,
}

impl Net {
    /// The sizes in the shapes of a block.
    pub(super) fn of(state: &StateDict, block: &str) -> Result<Self, ConvertError> {
        let net = network(block);
        let kernel = |index: usize| {
            let name = format!("{net}.{index}.weight");
            match state.shape(&name) {
                Some(&[outputs, inputs, _, _]) => Ok([outputs, inputs]),
                Some(found) => Err(ConvertError::Shape {
                    name,
                    found: found.to_vec(),
                    expected: "[outputs, inputs, height, width]".into(),
                }),
                None => Err(ConvertError::Missing(name)),
            }
        };
        let [hidden, kept] = kernel(0)?;
        let [outputs, _] = kernel(if is_normalized(state, &net) { 6 } else { 4 })?;
        let channels = state
            .shape(&format!("{block}.2.s"))
            .map(|shape| shape.iter().product());
        let channels: usize =
            channels.ok_or_else(|| ConvertError::Missing(format!("{block}.2.s")))?;
        if channels == 0 || !channels.is_multiple_of(4) || 2 * kept != channels {
            return Err(ConvertError::unsupported(
                block,
                format!(
                    "its coupling sees {kept} of {channels} channels; only the split `channel` of images that were \
                     squeezed is supported, where it sees half of a multiple of 4"
                ),
            ));
        }
        Ok(Self {
            channels,
            hidden,
            is_additive: outputs == kept,
        })
    }
}

fn network(block: &str) -> String {
    format!("{block}.0.flows.1.param_map.net")
}

/// Whether actnorms stand behind the hidden layers of a network.
fn is_normalized(state: &StateDict, net: &str) -> bool {
    state.has_module(&format!("{net}.1"))
}

/// The block, from data to latents. `shift` is added to its data.
pub(super) fn take(
    state: &mut StateDict,
    block: &str,
    channels: usize,
    shift: f64,
    config: &DiagonalGlowConfig,
    place: &Place,
) -> Result<EdgeStep, ConvertError> {
    Ok(EdgeStep::new(
        actnorm(state, &format!("{block}.2"), channels, shift, place)?,
        Invertible1x1::new(mixing(state, &format!("{block}.1"), channels, place)?),
        coupling(state, block, channels, config, place)?,
    ))
}

/// `z = (x − t) e⁻ˢ`.
fn actnorm(
    state: &mut StateDict,
    module: &str,
    channels: usize,
    shift: f64,
    place: &Place,
) -> Result<ActNorm<4>, ConvertError> {
    let [log_scale, mean] = constants(state, module, channels)?;
    let row = |values: Vec<f64>| place.tensor(values, [channels]);
    Ok(ActNorm::from_parameters(
        row(mean.into_iter().map(|t| t - shift).collect()),
        row(log_scale.into_iter().map(|s| -s).collect()),
    ))
}

/// `s` and `t` of an `ActNorm`.
fn constants(
    state: &mut StateDict,
    module: &str,
    channels: usize,
) -> Result<[Vec<f64>; 2], ConvertError> {
    initialized(state, module)?;
    let mut part = |name: &str| state.flat(&format!("{module}.{name}"), channels);
    Ok([part("s")?, part("t")?])
}

/// `Invertible1x1Conv`: `W`, or `P L (U + diag(σ eˢ))`.
fn mixing(
    state: &mut StateDict,
    module: &str,
    channels: usize,
    place: &Place,
) -> Result<Plu, ConvertError> {
    let name = |part: &str| format!("{module}.{part}");
    let mut square = |part| state.take(&name(part))?.of(&[channels; 2]);
    let of_value = |name: String, problem: String| ConvertError::Value { name, problem };
    match square("W") {
        Ok(weight) => {
            let weight = place.tensor(weight, [channels; 2]);
            return Plu::factor(&weight).map_err(|error| of_value(name("W"), error.to_string()));
        }
        Err(ConvertError::Missing(_)) => {}
        Err(error) => return Err(error),
    }
    let rows = order(name("P"), &square("P")?, channels)?;
    let (lower, upper) = (square("L")?, square("U")?);
    state.buffer(&name("eye"));
    let log_diagonal = state.vector(&name("log_S"), channels)?;
    let signs = state.vector(&name("sign_S"), channels)?;
    if let Some(found) = signs.iter().find(|sign| sign.abs() != 1.0) {
        let problem = format!("a sign is 1 or −1, got {found}");
        return Err(of_value(name("sign_S"), problem));
    }
    let rows: Tensor<1, Int> = Tensor::from_data(TensorData::new(rows, [channels]), &place.device);
    Ok(Plu::from_factors(
        rows,
        place.tensor(lower, [channels; 2]),
        place.tensor(upper, [channels; 2]),
        place.tensor(log_diagonal, [channels]),
        place.tensor(signs, [channels]),
    ))
}

/// From latents to data `eˢ z + t` of a network whose outputs are `t` and `s` in turn, or `z + t` of one of `t`.
fn coupling(
    state: &mut StateDict,
    block: &str,
    channels: usize,
    config: &DiagonalGlowConfig,
    place: &Place,
) -> Result<EdgeCoupling, ConvertError> {
    let net = network(block);
    let (hidden, half) = (config.hidden, channels / 2);
    let is_normalized = is_normalized(state, &net);
    let mut layer = |index: usize, shape: [usize; 3]| match is_normalized {
        false => Conv::take(state, &format!("{net}.{}", 2 * index), shape),
        true => {
            let conv = Conv::take_without_bias(state, &format!("{net}.{}", 3 * index), shape)?;
            let norm = format!("{net}.{}.actNorm", 3 * index + 1);
            let [log_scale, shift] = constants(state, &norm, shape[0])?;
            Ok(conv.scaled_and_shifted(&log_scale, &shift))
        }
    };
    let first = layer(0, [hidden, half, 3])?;
    let middle = layer(1, [hidden, hidden, 1])?;
    let outputs = half * config.transformer().parameters();
    let last = format!("{net}.{}", if is_normalized { 6 } else { 4 });
    let last = Conv::take(state, &last, [outputs, hidden, 3])?;
    // Shifts come first here.
    let last = match config.additive {
        true => last,
        false => {
            let shifts = (0..outputs).step_by(2);
            last.select(shifts.chain((1..outputs).step_by(2)))
        }
    };
    Ok(config.coupling(ConvNet::from_layers(
        first.layer(place),
        middle.layer(place),
        last.layer(place),
        config.activation,
    )))
}
