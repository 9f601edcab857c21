//! A step: `actnorm`, `invconv`, `coupling`.

use burn::tensor::{Int, Tensor, TensorData};
use thalweg_flow::{ActNorm, Activation, ConvNet, Invertible1x1, Plu};
use thalweg_models::EdgeGlowConfig;
use thalweg_models::edge_glow::{EdgeCoupling, EdgeStep};

use super::conv::Conv;
use crate::ConvertError;
use crate::state::StateDict;
use crate::weights::Place;

pub(super) fn take(
    state: &mut StateDict,
    module: &str,
    channels: usize,
    config: &EdgeGlowConfig,
    place: &Place,
) -> Result<EdgeStep, ConvertError> {
    let (actnorm, signs) = actnorm(state, &format!("{module}.actnorm"), channels, place)?;
    let mix = format!("{module}.invconv");
    let mix = match state.has(&format!("{mix}.w_p")) {
        true => factors(state, &mix, &signs, place)?,
        false => matrix(state, &mix, &signs, place)?,
    };
    let coupling = coupling(
        state,
        &format!("{module}.coupling.net"),
        channels,
        config,
        place,
    )?;
    Ok(EdgeStep::new(actnorm, Invertible1x1::new(mix), coupling))
}

/// `z = scale (x + loc)`, of which the signs of the scales go into the mixing behind it.
fn actnorm(
    state: &mut StateDict,
    module: &str,
    channels: usize,
    place: &Place,
) -> Result<(ActNorm<4>, Vec<f64>), ConvertError> {
    let [loc, scale, initialized] =
        ["loc", "scale", "initialized"].map(|part| format!("{module}.{part}"));
    let value = |name: String, problem: String| ConvertError::Value { name, problem };
    if state.flat(&initialized, 1)? != [1.0] {
        let problem = "it is not 1: the model has seen no data; train it first".to_owned();
        return Err(value(initialized, problem));
    }
    let mean = state.flat(&loc, channels)?.into_iter().map(|loc| -loc);
    let scales = state.flat(&scale, channels)?;
    if let Some(found) = scales.iter().find(|s| **s == 0.0 || !s.is_finite()) {
        let problem = format!("a scale is finite and not 0, got {found}");
        return Err(value(scale, problem));
    }
    let log_scales = scales.iter().map(|scale| scale.abs().ln()).collect();
    let row = |values| place.tensor(values, [channels]);
    let layer = ActNorm::from_parameters(row(mean.collect()), row(log_scales));
    Ok((layer, scales.into_iter().map(f64::signum).collect()))
}

/// `InvConv2d`, factored: `W` with columns of these signs.
fn matrix(
    state: &mut StateDict,
    module: &str,
    signs: &[f64],
    place: &Place,
) -> Result<Plu, ConvertError> {
    let channels = signs.len();
    let name = format!("{module}.weight");
    let weight = state.take(&name)?.of(&[channels, channels, 1, 1])?;
    let weight = place.tensor(of_columns(weight, signs), [channels; 2]);
    Plu::factor(&weight).map_err(|error| ConvertError::Value {
        name,
        problem: error.to_string(),
    })
}

/// `InvConv2dLU`: `W = P L (U + diag(σ eˢ))`, with columns of these signs.
fn factors(
    state: &mut StateDict,
    module: &str,
    signs: &[f64],
    place: &Place,
) -> Result<Plu, ConvertError> {
    let channels = signs.len();
    let name = |part: &str| format!("{module}.{part}");
    for part in ["u_mask", "l_mask", "l_eye"] {
        state.buffer(&name(part));
    }
    let mut square = |part| state.take(&name(part))?.of(&[channels; 2]);
    let rows = order(name("w_p"), &square("w_p")?, channels)?;
    let (lower, upper) = (square("w_l")?, square("w_u")?);
    let log_diagonal = state.vector(&name("w_s"), channels)?;
    let own = state.vector(&name("s_sign"), channels)?;
    if let Some(found) = own.iter().find(|sign| sign.abs() != 1.0) {
        return Err(ConvertError::Value {
            name: name("s_sign"),
            problem: format!("a sign is 1 or −1, got {found}"),
        });
    }
    let own = own.iter().zip(signs).map(|(own, sign)| own * sign);
    let rows: Tensor<1, Int> = Tensor::from_data(TensorData::new(rows, [channels]), &place.device);
    Ok(Plu::from_factors(
        rows,
        place.tensor(lower, [channels; 2]),
        place.tensor(of_columns(upper, signs), [channels; 2]),
        place.tensor(log_diagonal, [channels]),
        place.tensor(own.collect(), [channels]),
    ))
}

fn of_columns(mut matrix: Vec<f64>, factors: &[f64]) -> Vec<f64> {
    for row in matrix.chunks_mut(factors.len()) {
        row.iter_mut().zip(factors).for_each(|(w, f)| *w *= f);
    }
    matrix
}

/// The column of the one in each row of a permutation matrix.
pub(crate) fn order(
    name: String,
    matrix: &[f64],
    channels: usize,
) -> Result<Vec<i64>, ConvertError> {
    let place = |row: &[f64]| {
        let is_row = row.iter().all(|w| *w == 0.0 || *w == 1.0) && row.iter().sum::<f64>() == 1.0;
        row.iter().position(|w| *w == 1.0).filter(|_| is_row)
    };
    let found: Option<Vec<usize>> = matrix.chunks(channels).map(place).collect();
    let mut sorted = found.clone().unwrap_or_default();
    sorted.sort_unstable();
    match found {
        Some(found) if sorted.into_iter().eq(0..channels) => {
            Ok(found.into_iter().map(|place| place as i64).collect())
        }
        _ => Err(ConvertError::Value {
            name,
            problem: "a permutation has one 1 in each row and in each column, and zeros".to_owned(),
        }),
    }
}

/// `(x + t) σ(s + 2)` of a network of `[s | t]`, or `x + t` of one of `t`: from latents to data it is
/// `z / σ(s + 2) − t`.
fn coupling(
    state: &mut StateDict,
    net: &str,
    channels: usize,
    config: &EdgeGlowConfig,
    place: &Place,
) -> Result<EdgeCoupling, ConvertError> {
    let (hidden, half) = (config.hidden, channels / 2);
    let first = Conv::take(state, &format!("{net}.0"), [hidden, half, 3])?;
    let middle = Conv::take(state, &format!("{net}.2"), [hidden, hidden, 1])?;
    let outputs = half * config.transformer().parameters();
    let last = Conv::take_gained(state, &format!("{net}.4"), [outputs, hidden, 3])?;
    // Shifts come first here.
    let shifts = outputs - half..outputs;
    let last = last
        .select(shifts.chain(0..outputs - half))
        .negated(0..half);
    Ok(config.coupling(ConvNet::from_layers(
        first.layer(place),
        middle.with_ones().layer(place),
        last.padded_with_ones().layer(place),
        Activation::Relu,
    )))
}
