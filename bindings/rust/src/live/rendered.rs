//! What adapters have made of a policy, a value of each type.

use std::any::Any;
use std::sync::OnceLock;

/// A list that only grows, of one value a type. It is as long as there are kinds of adapters that share
/// a policy: one or two.
#[derive(Default)]
pub(super) struct RenderedList(OnceLock<Box<Node>>);

struct Node {
    value: Box<dyn Any + Send + Sync>,
    rest: RenderedList,
}

impl RenderedList {
    /// The value of this type, made where there is none.
    pub(super) fn get_or_make<T: Send + Sync + 'static>(&self, make: impl FnOnce() -> T) -> &T {
        let mut make = Some(make);
        let mut list = self;
        loop {
            // Another thread may be first, and with a value of another type.
            let node = list.0.get_or_init(|| {
                let make = make.take().expect("a value that was made is found at once");
                Box::new(Node { value: Box::new(make()), rest: Self::default() })
            });
            match node.value.downcast_ref() {
                Some(value) => return value,
                None => list = &node.rest,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_a_value_of_its_own() {
        let list = RenderedList::default();
        assert_eq!(list.get_or_make(|| 1_u8), &1);
        assert_eq!(list.get_or_make(|| "plans"), &"plans");
        assert_eq!(list.get_or_make(|| 2_u8), &1);
        assert_eq!(list.get_or_make(|| "others"), &"plans");
    }

    #[test]
    fn threads_that_come_at_once_share_one_value() {
        let list = RenderedList::default();
        let list = &list;
        std::thread::scope(|scope| {
            let first = scope.spawn(|| std::ptr::from_ref(list.get_or_make(|| 1_u32)).addr());
            let second = scope.spawn(|| std::ptr::from_ref(list.get_or_make(|| 2_u32)).addr());
            assert_eq!(first.join().expect("an address"), second.join().expect("an address"));
        });
    }
}
