//! A small network and its gradient, by hand.

/// Inputs and outputs of each layer.
const LAYERS: [(usize, usize); 3] = [(4, 8), (8, 8), (8, 2)];

/// The mean over rows and outputs of the squared error of an MLP with `tanh` between its layers, and
/// its gradient. The parameters are each layer's weight, `[outputs, inputs]`, then its bias.
pub(crate) fn loss_and_gradient(theta: &[f64], x: &[f64], y: &[f64]) -> (f64, Vec<f64>) {
    let mut gradient = vec![0.0; theta.len()];
    let mut loss = 0.0;
    for (x, target) in x.chunks(4).zip(y.chunks(2)) {
        let mut activations = vec![x.to_vec()];
        let mut offset = 0;
        for (layer, (inputs, outputs)) in LAYERS.into_iter().enumerate() {
            let (weight, rest) = theta[offset..].split_at(inputs * outputs);
            let last = &activations[layer];
            let sums = weight
                .chunks(inputs)
                .zip(rest)
                .map(|(row, bias)| bias + row.iter().zip(last).map(|(w, a)| w * a).sum::<f64>());
            let next = match layer + 1 < LAYERS.len() {
                true => sums.map(f64::tanh).collect(),
                false => sums.collect::<Vec<f64>>(),
            };
            activations.push(next);
            offset += (inputs + 1) * outputs;
        }
        let errors = activations[3]
            .iter()
            .zip(target)
            .map(|(found, y)| found - y);
        let errors: Vec<f64> = errors.collect();
        loss += errors.iter().map(|e| e * e).sum::<f64>() / y.len() as f64;

        // The derivative by each layer's sums, from the last layer to the first.
        let mut delta: Vec<f64> = errors.iter().map(|e| 2.0 * e / y.len() as f64).collect();
        for (layer, (inputs, outputs)) in LAYERS.into_iter().enumerate().rev() {
            offset -= (inputs + 1) * outputs;
            let last = &activations[layer];
            let mut behind = vec![0.0; inputs];
            for (o, d) in delta.iter().enumerate() {
                for (i, a) in last.iter().enumerate() {
                    gradient[offset + o * inputs + i] += d * a;
                    behind[i] += d * theta[offset + o * inputs + i];
                }
                gradient[offset + inputs * outputs + o] += d;
            }
            let through = behind.iter().zip(last).map(|(b, a)| b * (1.0 - a * a));
            delta = through.collect();
        }
    }
    (loss, gradient)
}
