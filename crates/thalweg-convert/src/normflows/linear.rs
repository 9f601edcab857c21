//! Permutations, linear maps, constants, the planar and the radial flow, from data to latents.

use crate::ConvertError;
use crate::layers::{Layers, Way};
use crate::state::StateDict;

/// `Permute(mode="shuffle")`.
pub(crate) fn permute(
    state: &mut StateDict,
    module: &str,
    features: usize,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let order = state.indices(&format!("{module}.inv_perm"), features)?;
    state.buffer(&format!("{module}.perm"));
    layers.order(module, &order)
}

/// `AffineConstFlow` and `ActNorm`: `z = (x − t) e⁻ˢ`.
pub(crate) fn constants(
    state: &mut StateDict,
    module: &str,
    features: usize,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let scale = state.flat(&format!("{module}.s"), features)?;
    let shift = state.flat(&format!("{module}.t"), features)?;
    initialized(state, module)?;
    layers.centre_and_scale(module, shift, scale.iter().map(|s| -s).collect())
}

/// An error for an `ActNorm` that has seen no data.
pub(super) fn initialized(state: &mut StateDict, module: &str) -> Result<(), ConvertError> {
    let done = format!("{module}.data_dep_init_done");
    if state.has(&done) && state.flat(&done, 1)? == [0.0] {
        return Err(ConvertError::Value {
            name: done,
            problem:
                "the layer was not yet initialized by data; pass a batch through it before you save"
                    .into(),
        });
    }
    Ok(())
}

/// `Planar`, whose direction with a formula is from latents to data.
pub(crate) fn planar(
    state: &mut StateDict,
    module: &str,
    features: usize,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let u = state.flat(&format!("{module}.u"), features)?;
    let w = state.flat(&format!("{module}.w"), features)?;
    let b = state.flat(&format!("{module}.b"), 1)?;
    layers.planar(module, [u, w, b], Way::Inverse)
}

/// `Radial`, in the same direction.
pub(crate) fn radial(
    state: &mut StateDict,
    module: &str,
    features: usize,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    state.buffer(&format!("{module}.d"));
    let centre = state.flat(&format!("{module}.z_0"), features)?;
    let alpha = state.flat(&format!("{module}.alpha"), 1)?;
    let beta = state.flat(&format!("{module}.beta"), 1)?;
    layers.radial(module, [centre, alpha, beta], Way::Inverse)
}

/// `InvertibleAffine`: rows times `W`, which is `W` itself or `P L (U + diag(σ eˢ))`.
pub(crate) fn affine(
    state: &mut StateDict,
    module: &str,
    features: usize,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let mut square = |name: &str| state.take(&format!("{module}.{name}"))?.of(&[features; 2]);
    let at = |matrix: &[f64], row: usize, column: usize| matrix[row * features + column];
    let product = |a: &[f64], b: &[f64]| -> Vec<f64> {
        let entry = |row: usize, column: usize| {
            (0..features)
                .map(|k| at(a, row, k) * at(b, k, column))
                .sum()
        };
        let rows = 0..features;
        rows.flat_map(|row| (0..features).map(move |column| (row, column)))
            .map(|(row, column)| entry(row, column))
            .collect()
    };
    let matrix = match square("W") {
        Ok(matrix) => matrix,
        Err(ConvertError::Missing(_)) => {
            let (p, mut l, mut u) = (square("P")?, square("L")?, square("U")?);
            state.buffer(&format!("{module}.eye"));
            let log = state.flat(&format!("{module}.log_S"), features)?;
            let sign = state.flat(&format!("{module}.sign_S"), features)?;
            for row in 0..features {
                for column in 0..features {
                    let place = row * features + column;
                    if column >= row {
                        l[place] = f64::from(u8::from(column == row));
                    }
                    if column < row {
                        u[place] = 0.0;
                    }
                    if column == row {
                        u[place] = sign[row] * log[row].exp();
                    }
                }
            }
            product(&p, &product(&l, &u))
        }
        Err(error) => return Err(error),
    };
    let transposed = (0..features * features).map(|k| at(&matrix, k % features, k / features));
    layers.matrix(module, transposed.collect(), features)
}
