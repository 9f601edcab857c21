//! Masked networks: from masks to degrees.

use thalweg_flow::{Activation, MaskedMlp};
use thalweg_models::composed::MaskedConfig;

use crate::ConvertError;
use crate::changes::Changes;
use crate::state::StateDict;
use crate::weights::{Dense, Place};

/// A masked layer: where the mask is 0 the weight is too.
pub(crate) struct MaskedDense {
    pub(crate) dense: Dense,
    mask: Vec<Vec<bool>>,
}

impl MaskedDense {
    pub(crate) fn take(state: &mut StateDict, module: &str) -> Result<Self, ConvertError> {
        let mut dense = Dense::take(state, module)?;
        let (outputs, inputs) = (dense.outputs(), dense.inputs());
        let mask = state
            .take(&format!("{module}.mask"))?
            .of(&[outputs, inputs])?;
        state.buffer(&format!("{module}.degrees"));
        let mask: Vec<Vec<bool>> = mask
            .chunks(inputs)
            .map(|row| row.iter().map(|m| *m != 0.0).collect())
            .collect();
        for (row, mask) in dense.rows.iter_mut().zip(&mask) {
            for (weight, kept) in row.iter_mut().zip(mask) {
                if !kept {
                    *weight = 0.0;
                }
            }
        }
        Ok(Self { dense, mask })
    }

    /// The same layer with a context behind its inputs, which every unit sees.
    pub(crate) fn beside(&mut self, context: &Dense) {
        self.dense.beside(context);
        let more = context.inputs();
        let rows = self.mask.iter_mut();
        rows.for_each(|row| row.resize(row.len() + more, true));
    }
}

/// A masked network on the host.
pub(crate) struct MaskedNetwork {
    pub(crate) config: MaskedConfig,
    /// The last one has one block a parameter.
    pub(crate) layers: Vec<Dense>,
    /// Of a feature.
    pub(crate) parameters: usize,
    pub(crate) changes: Changes,
}

/// Whether a network has residual blocks, and what they begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blocks {
    None,
    /// An activation.
    Residual,
    /// A layer.
    PlainEntry,
}

/// A masked network of given layers, whose outputs are one block of `parameters` a feature.
///
/// Its inputs are the features, and a context behind them. The order of the features and the degrees of the hidden units follow from the masks: a feature comes behind
/// those that its outputs see, and the degree of a unit is one more than the last place that it sees.
pub(crate) fn network(
    module: &str,
    layers: &[MaskedDense],
    features: usize,
    (blocks, changes): (Blocks, Changes),
    activation: Activation,
) -> Result<MaskedNetwork, ConvertError> {
    let residual = blocks != Blocks::None;
    let inputs = layers[0].dense.inputs();
    let last = layers.len() - 1;
    let outputs = layers[last].dense.outputs();
    let unsupported = |what: String| ConvertError::unsupported(module, what);
    if features == 0 || !outputs.is_multiple_of(features) || inputs < features {
        return Err(unsupported(format!(
            "a network of {inputs} numbers with {outputs} outputs is none of {features} features"
        )));
    }
    for pair in layers.windows(2) {
        let (units, seen) = (pair[0].dense.outputs(), pair[1].dense.inputs());
        if units != seen {
            return Err(unsupported(format!(
                "a layer of {units} units before one of {seen} inputs"
            )));
        }
    }
    let parameters = outputs / features;
    let seen = connections(layers, residual);
    let of_feature = |feature: usize| -> Vec<bool> {
        let blocks = &seen[feature * parameters..(feature + 1) * parameters];
        (0..features)
            .map(|f| blocks.iter().any(|row| row[f]))
            .collect()
    };
    let needs: Vec<Vec<bool>> = (0..features).map(of_feature).collect();
    let order = order_of(&needs)
        .ok_or_else(|| unsupported("its masks let a feature depend on itself".into()))?;
    let mut places = vec![0; features];
    for (place, feature) in order.iter().enumerate() {
        places[*feature] = place;
    }
    let mut degrees: Vec<Vec<usize>> = vec![];
    let mut before: Vec<usize> = places.iter().map(|place| place + 1).collect();
    // A context is there before all features.
    before.resize(inputs, 0);
    for layer in &layers[..last] {
        let highest = |row: &Vec<bool>| {
            let seen = row.iter().zip(&before).filter(|(kept, _)| **kept);
            seen.map(|(_, degree)| *degree).max().unwrap_or(0)
        };
        before = layer.mask.iter().map(highest).collect();
        degrees.push(before.clone());
    }
    if residual {
        // A block adds its output to its input: all hidden layers have the highest of the degrees of a unit.
        let highest = |unit: usize| degrees.iter().map(|layer| layer[unit]).max().unwrap_or(0);
        let common: Vec<usize> = (0..degrees[0].len()).map(highest).collect();
        degrees
            .iter_mut()
            .for_each(|layer| layer.clone_from(&common));
        before = common;
    }
    for (output, row) in layers[last].mask.iter().enumerate() {
        let place = places[output / parameters];
        let seen = row.iter().zip(&before).filter(|(kept, _)| **kept);
        if seen.map(|(_, degree)| *degree).any(|degree| degree > place) {
            return Err(unsupported(
                "its masks have no order of the features".into(),
            ));
        }
    }
    let config = MaskedConfig {
        order,
        degrees,
        residual,
        activation,
        modulation: changes.config(),
        plain_entry: blocks == Blocks::PlainEntry,
        angles: vec![],
    };
    let mut dense: Vec<Dense> = layers.iter().map(|layer| layer.dense.clone()).collect();
    dense[last] = dense[last].by_parameter(features, parameters);
    changes.check(module, dense[0].outputs())?;
    Ok(MaskedNetwork {
        config,
        layers: dense,
        parameters,
        changes,
    })
}

/// Which features each output sees.
fn connections(layers: &[MaskedDense], residual: bool) -> Vec<Vec<bool>> {
    let last = layers.len() - 1;
    let mut before = layers[0].mask.clone();
    let mut stream = before.clone();
    for (index, layer) in layers.iter().enumerate().skip(1) {
        let union = |row: &Vec<bool>| {
            let mut all = vec![false; layers[0].dense.inputs()];
            for (_, seen) in row.iter().zip(&before).filter(|(kept, _)| **kept) {
                all.iter_mut()
                    .zip(seen)
                    .for_each(|(all, seen)| *all |= seen);
            }
            all
        };
        let mut units: Vec<Vec<bool>> = layer.mask.iter().map(union).collect();
        if residual && index != last && index.is_multiple_of(2) {
            for (unit, old) in units.iter_mut().zip(&stream) {
                unit.iter_mut()
                    .zip(old)
                    .for_each(|(unit, old)| *unit |= old);
            }
            stream.clone_from(&units);
        }
        before = units;
    }
    before
}

/// An order in which each feature comes behind those that it needs, lower numbers first.
fn order_of(needs: &[Vec<bool>]) -> Option<Vec<usize>> {
    let mut order: Vec<usize> = vec![];
    let mut placed = vec![false; needs.len()];
    while order.len() < needs.len() {
        let is_ready = |feature: &usize| {
            let mut pairs = needs[*feature].iter().zip(&placed);
            !placed[*feature] && pairs.all(|(needs, placed)| !needs || *placed)
        };
        let next = (0..needs.len()).find(is_ready)?;
        placed[next] = true;
        order.push(next);
    }
    Some(order)
}

/// The network as a module, of `[context, parameters]`.
pub(crate) fn module(network: &MaskedNetwork, sizes: [usize; 2], place: &Place) -> MaskedMlp {
    let MaskedNetwork {
        config,
        layers,
        changes,
        ..
    } = network;
    let layers = layers.iter().map(|layer| layer.linear(place)).collect();
    let network = MaskedMlp::from_layers(layers, config.degrees(sizes), config.activation);
    config.finish(network, changes.build(place))
}
