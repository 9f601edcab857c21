//! Optimizers of Burn.

use super::*;

fn of_burn() -> Vec<Made> {
    vec![
        ("adam", || {
            Box::new(SingleGradient::new(AdamConfig::new().init()))
        }),
        ("amsgrad", || {
            Box::new(SingleGradient::new(
                AdamConfig::new().with_amsgrad(true).init(),
            ))
        }),
        ("adamw", || {
            Box::new(SingleGradient::new(AdamWConfig::new().init()))
        }),
        ("rms", || {
            Box::new(SingleGradient::new(RmsPropConfig::new().init()))
        }),
        ("sgd", || {
            Box::new(SingleGradient::new(SgdConfig::new().init()))
        }),
    ]
}

#[test]
fn optimizers_of_burn_go_on_to_the_bit() {
    in_parts(of_burn(), &[DType::F32]);
}

/// Burn reads what its optimizers remember in the device's default type.
#[test]
fn an_optimizer_of_burn_whose_memory_comes_back_in_another_type_says_the_way_out() {
    for device in cpu_devices() {
        for (name, new) in of_burn() {
            if name == "sgd" {
                continue; // without memory
            }
            let folder = TempDir::new().expect("a folder");
            let file = folder.path().join("run");
            let _ = fit(&file, Two::new(&device, DType::F64), new(), 2);
            let bytes = std::fs::read(&file).expect("the file");
            let trained = fit(&file, Two::new(&device, DType::F64), new(), usize::MAX);
            let message = trained.outcome.to_string();
            assert!(
                matches!(trained.outcome, Outcome::Failed(_)),
                "{name}: {message}"
            );
            assert!(message.contains("is of F64, but Burn reads"), "{message}");
            assert!(message.contains("`Device::configure`"), "{message}");
            assert_eq!(std::fs::read(&file).expect("the file"), bytes);
        }
    }
}
