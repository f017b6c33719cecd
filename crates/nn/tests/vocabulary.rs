//! Every choice is written as it is read, for any arguments.

use gradwise_nn::{Activation, Decay, Features, Init, Loss, Schedule};
use proptest::prelude::*;
use std::fmt::{Debug, Display};
use std::str::FromStr;

fn returns<T: FromStr<Err: Debug> + Display + PartialEq + Debug>(choice: T) {
    let text = choice.to_string();
    assert_eq!(text.parse::<T>().expect("it reads what it wrote"), choice, "{text}");
}

proptest! {
    #[test]
    fn choices_survive_their_text(
        x in prop_oneof![1e-300..1e-3f64, 1e-3..1.0f64, 1.0..1e300f64],
        share in 1e-9..1.0f64,
        n in 1usize..usize::MAX,
        steps in any::<u32>(),
    ) {
        returns(Activation::LeakyRelu(-x));
        returns(Activation::Elu(x));
        returns(Activation::Maxout(n.max(2)));
        returns(Init::Normal(x));
        returns(Init::Constant(-x));
        returns(Init::TruncatedNormal(x));
        returns(Features::Rff { count: n, gamma: x });
        returns(Features::Polynomial { degree: n });
        returns(Loss::Hinge(x));
        returns(Loss::Huber(x));
        let decay = Decay::Step { epochs: n as u64, factor: share };
        returns(Schedule { warmup: u64::from(steps), decay });
        let decay = Decay::Plateau { patience: n as u64, factor: share };
        returns(Schedule { warmup: 0, decay });
    }
}

#[test]
fn plain_names_survive_too() {
    Init::forms().iter().filter(|form| !form.contains('(')).for_each(|form| {
        returns(form.parse::<Init>().expect("a form"));
    });
    for form in Loss::forms().iter().filter(|form| !form.contains('(')) {
        returns(form.parse::<Loss>().expect("a form"));
    }
}
