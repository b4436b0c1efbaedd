#pragma once
// An expected refusal: a value, or the named reason why there is none.
#include <utility>
#include <variant>

#include "base/check.h"

namespace looking3d {

template <class T, class Reason>
class Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Reason reason) : state_(std::in_place_index<1>, std::move(reason)) {}

  explicit operator bool() const { return state_.index() == 0; }
  const T& operator*() const { return value(); }
  T& operator*() { return value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }
  const T& value() const {
    L3D_CHECK(state_.index() == 0);
    return std::get<0>(state_);
  }
  T& value() {
    L3D_CHECK(state_.index() == 0);
    return std::get<0>(state_);
  }
  const Reason& reason() const {
    L3D_CHECK(state_.index() == 1);
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Reason> state_;
};

}  // namespace looking3d
