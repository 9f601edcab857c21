//! Skipped steps, bad parameters, means that are not finite, and empty batches.

use super::*;

/// What `Skip` leaves out leaves no trace: not in the weights, not in what the minimizer remembers.
#[test]
fn a_step_that_is_skipped_was_never_made() {
    for device in cpu_devices() {
        for (name, minimizer) in minimizers() {
            let fit = |batches: Vec<Tensor<1>>| {
                let policy = OnNonFinite::Skip { at_most: 9 };
                let net = Net::new(&device, DType::F32);
                let data = crate::common::repeat(batches);
                let trainer = Trainer::new(EPOCHS, 1e10).on_non_finite(policy);
                trainer.fit(net, minimizer.clone(), &data, loss, &mut ())
            };
            let without = fit(vec![good(0.2), good(0.7)]);
            for kind in [Kind::Gradient, Kind::Update] {
                if name == "clipped" && kind == Kind::Update {
                    continue; // no harm, so it is made
                }
                let with = fit(vec![good(0.2), kind.batch(), good(0.7)]);
                assert_eq!(
                    with.model.values(),
                    without.model.values(),
                    "{name} {kind:?}"
                );
            }
        }
    }
}

#[test]
fn a_parameter_that_is_bad_from_the_start_is_named() {
    let mut net = Net::new(&Device::default(), DType::F32);
    net.weight = Param::from_tensor(Tensor::from_data([f32::INFINITY], &Device::default()));
    net.weight = net.weight.no_grad();
    // The loss does not show it.
    let loss = |net: &Net, x: Tensor<1>, _| (x.mean() * net.bias.val()).square();
    let data = crate::common::repeat(vec![good(0.5)]);
    let trained = Trainer::new(2, 0.1).fit(net, crate::common::sgd(), &data, loss, &mut ());
    assert_eq!(
        trained.outcome.to_string(),
        "the parameter weight is not finite before the first step: initialize it anew, or load a file \
         in which it is finite"
    );
}

#[test]
fn a_mean_that_is_not_finite_is_never_the_best() {
    // Finite losses whose mean overflows.
    let loss = |net: &Net, x: Tensor<1>, _| {
        let x = x.mean().cast(DType::F64);
        (net.bias.val() * 0.0 + 1e308).mean() + x * 0.0
    };
    let net = Net::new(&Device::default(), DType::F64);
    let data = crate::common::repeat(vec![good(0.5), good(0.7)]);
    let trained = Trainer::new(2, 0.1).fit(net, crate::common::sgd(), &data, loss, &mut ());
    assert!(
        trained.best.is_none(),
        "{:?}",
        trained.best.map(|best| best.loss)
    );
}

#[test]
fn messages_say_what_has_happened() {
    let outcome = |kind| run(OnNonFinite::End, 1, false, kind, OneThread(loss), &mut ()).outcome;
    assert_eq!(
        outcome(Kind::Gradient).to_string(),
        "the gradient of the parameter bias is not finite in epoch 0, batch 2, after 2 steps, where the \
         training loss is 0: look in the loss for a root, a logarithm or a division at zero, and for \
         numbers that overflow"
    );
    assert_eq!(
        outcome(Kind::Update).to_string(),
        "a step made the parameter weight infinite or NaN, as was seen in epoch 0, batch 2, after 2 \
         steps, where the training loss is 0: lower the learning rate, or clip the gradient norm"
    );
}

#[test]
fn an_empty_batch_is_named_and_weighs_nothing_in_a_validation() {
    let empty = || Tensor::<1>::zeros([0], &Device::default());
    let mean = |net: &Net, x: Tensor<1>, _| (x - net.bias.val()).square().mean();
    let net = || Net::new(&Device::default(), DType::F32);
    let data = crate::common::repeat(vec![good(0.5)]).validate(|_| vec![empty(), good(0.3)]);
    let trained = Trainer::new(1, 0.1).fit(net(), crate::common::sgd(), &data, mean, &mut ());
    assert!(
        matches!(trained.outcome, Outcome::Finished),
        "{}",
        trained.outcome
    );
    let data = crate::common::repeat(vec![empty()]);
    let trained = Trainer::new(1, 0.1).fit(net(), crate::common::sgd(), &data, mean, &mut ());
    assert!(
        trained
            .outcome
            .to_string()
            .contains("the batch has no samples"),
        "{}",
        trained.outcome
    );
}
