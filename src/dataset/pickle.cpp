#include "dataset/pickle.h"

#include <bit>
#include <cstring>
#include <unordered_map>

#include "base/error.h"

namespace looking3d {
namespace {

using Kind = PickleNode::Kind;

constexpr size_t kMaxNodes = 1 << 20;
constexpr size_t kMaxDimensions = 8;

/// The opcodes we know, named as in Python's pickletools.
enum Opcode : uint8_t {
  kProto = 0x80,
  kFrame = 0x95,
  kStop = '.',
  kMark = '(',
  kPop = '0',
  kGlobal = 'c',
  kStackGlobal = 0x93,
  kReduce = 'R',
  kBuild = 'b',
  kNone = 'N',
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kLong1 = 0x8a,
  kBinFloat = 'G',
  kBinUnicode = 'X',
  kShortBinUnicode = 0x8c,
  kBinBytes = 'B',
  kShortBinBytes = 'C',
  kBinBytes8 = 0x8e,
  kBinString = 'T',
  kShortBinString = 'U',
  kEmptyTuple = ')',
  kTuple = 't',
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kEmptyList = ']',
  kAppend = 'a',
  kAppends = 'e',
  kEmptyDict = '}',
  kSetItem = 's',
  kSetItems = 'u',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kMemoize = 0x94,
  kBinGet = 'h',
  kLongBinGet = 'j',
};

/// The pickle machine: a stack, marks and a memo, all of them indices into the arena of nodes.
class Machine {
 public:
  Machine(std::string_view bytes, const Path& where) : bytes_(bytes), where_(where) {}

  Pickle run() {
    while (!stopped_) step(static_cast<Opcode>(byte()));
    if (stack_.size() != 1 || !marks_.empty()) fail("ends with an untidy stack");
    if (position_ != bytes_.size()) fail("goes on after its end");
    pickle_.root = stack_.back();
    return std::move(pickle_);
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw InputError(where_, "the pickle in it " + problem + " (byte " + std::to_string(position_) + ")",
                     "only numpy arrays, dicts, lists, tuples, strings and numbers are read");
  }

  // Take bytes off the input.
  std::string_view take(uint64_t count) {
    if (count > bytes_.size() - position_) fail("is cut short");
    const std::string_view result = bytes_.substr(position_, count);
    position_ += count;
    return result;
  }
  uint8_t byte() { return static_cast<uint8_t>(take(1)[0]); }
  template <class T>
  T number() {
    static_assert(std::endian::native == std::endian::little);
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  std::string line() {
    const size_t end = bytes_.find('\n', position_);
    if (end == std::string_view::npos) fail("is cut short");
    const std::string result(take(end - position_));
    take(1);
    return result;
  }

  // Keep values.
  PickleNode& node(int index) { return pickle_.nodes[static_cast<size_t>(index)]; }
  int add(PickleNode value) {
    if (pickle_.nodes.size() >= kMaxNodes) fail("holds too many values");
    pickle_.nodes.push_back(std::move(value));
    return static_cast<int>(pickle_.nodes.size()) - 1;
  }
  void push(PickleNode value) { stack_.push_back(add(std::move(value))); }
  void push_int(int64_t value, Kind kind = Kind::kInt) { push({.kind = kind, .integer = value, .text = {}, .items = {}, .shape = {}}); }
  void push_text(std::string_view text, Kind kind) { push({.kind = kind, .text = std::string(text), .items = {}, .shape = {}}); }
  void push_items(std::vector<int> items, Kind kind) { push({.kind = kind, .text = {}, .items = std::move(items), .shape = {}}); }

  // Take values off the stack, never below the newest mark.
  int pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) fail("takes from an empty stack");
    const int top = stack_.back();
    stack_.pop_back();
    return top;
  }
  std::vector<int> pop_last(size_t count) {
    std::vector<int> items(count);
    for (size_t i = count; i > 0; --i) items[i - 1] = pop();
    return items;
  }
  std::vector<int> pop_to_mark() {
    if (marks_.empty()) fail("misses a mark");
    const std::vector<int> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }
  int top_of(Kind kind) {
    const int top = pop();
    if (node(top).kind != kind) fail("puts a value into something of another type");
    stack_.push_back(top);
    return top;
  }

  void extend(Kind kind, const std::vector<int>& items) {
    if (kind == Kind::kDict && items.size() % 2 != 0) fail("has a key without a value");
    std::vector<int>& target = node(top_of(kind)).items;
    if (target.size() + items.size() > kMaxNodes) fail("holds too many values");
    target.insert(target.end(), items.begin(), items.end());
  }
  void memoize(uint32_t slot) {
    const int top = pop();
    stack_.push_back(top);
    if (memo_.size() >= kMaxNodes) fail("remembers too many values");
    memo_[slot] = top;
  }
  void recall(uint32_t slot) {
    const auto found = memo_.find(slot);
    if (found == memo_.end()) fail("refers to a value it never had");
    if (stack_.size() >= kMaxNodes) fail("stacks too many values");
    stack_.push_back(found->second);
  }

  void push_global(const std::string& module, const std::string& name) {
    const std::string full = module + " " + name;
    const bool known = full == "numpy ndarray" || full == "numpy dtype" || full == "numpy.core.multiarray _reconstruct" ||
                       full == "numpy._core.multiarray _reconstruct";
    if (!known) fail("names '" + full.substr(0, 80) + "', which is refused");
    push_text(full, Kind::kGlobal);
  }
  void push_stack_global() {
    const std::vector<int> names = pop_last(2);
    if (node(names[0]).kind != Kind::kText || node(names[1]).kind != Kind::kText) fail("has a global without a name");
    push_global(node(names[0]).text, node(names[1]).text);
  }
  void push_long(std::string_view bytes) {
    if (bytes.size() > 8) fail("has an integer of more than 64 bits");
    uint64_t value = !bytes.empty() && (bytes.back() & 0x80) ? ~uint64_t{0} : 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    push_int(static_cast<int64_t>(value));
  }
  void push_float(std::string_view big_endian) {
    uint64_t bits = 0;
    for (const char c : big_endian) bits = bits << 8 | static_cast<uint8_t>(c);
    push({.kind = Kind::kFloat, .real = std::bit_cast<double>(bits), .text = {}, .items = {}, .shape = {}});
  }

  /// callable(arguments): only numpy's empty array and numpy's dtype('f8', ...).
  void reduce() {
    const std::vector<int> call = pop_last(2);
    const PickleNode& callable = node(call[0]);
    const PickleNode& arguments = node(call[1]);
    if (callable.kind != Kind::kGlobal || arguments.kind != Kind::kTuple) fail("calls something that is no function");
    if (callable.text.ends_with("_reconstruct")) return push({.kind = Kind::kArray, .text = {}, .items = {}, .shape = {}});
    if (callable.text != "numpy dtype" || arguments.items.empty()) fail("calls '" + callable.text + "', which is refused");
    const PickleNode& name = node(arguments.items[0]);
    if ((name.kind != Kind::kText && name.kind != Kind::kBytes) || name.text.size() > 4) fail("has an unknown type of number");
    push_text("|" + name.text, Kind::kDtype);
  }

  /// Fills the state of a dtype (its byte order) or of an array (shape, dtype, order, data).
  void build() {
    const PickleNode& state = node(pop());  // stays where it is: nothing is added below
    const int target = pop();
    stack_.push_back(target);
    if (state.kind != Kind::kTuple) fail("has a state that is no tuple");
    if (node(target).kind == Kind::kDtype) return build_dtype(state, node(target));
    if (node(target).kind == Kind::kArray) return build_array(state, node(target));
    fail("sets the state of something that has none");
  }
  void build_dtype(const PickleNode& state, PickleNode& dtype) {
    if (state.items.size() < 2) fail("has a malformed dtype");
    const std::string& order = node(state.items[1]).text;
    if (order != "<" && order != "|" && order != "=") fail("has numbers that are not little-endian");
    dtype.text[0] = order == "=" ? '<' : order[0];
  }
  void build_array(const PickleNode& state, PickleNode& array) {
    if (state.items.size() != 5) fail("has a malformed array");
    const PickleNode& shape = node(state.items[1]);
    const PickleNode& dtype = node(state.items[2]);
    const PickleNode& fortran = node(state.items[3]);
    const PickleNode& data = node(state.items[4]);
    if (shape.kind != Kind::kTuple || shape.items.size() > kMaxDimensions || dtype.kind != Kind::kDtype || fortran.kind != Kind::kBool ||
        (data.kind != Kind::kBytes && data.kind != Kind::kList)) {
      fail("has a malformed array");
    }
    std::vector<int64_t> sizes;
    for (const int item : shape.items) {
      if (node(item).kind != Kind::kInt || node(item).integer < 0) fail("has an array of a malformed shape");
      sizes.push_back(node(item).integer);
    }
    array.shape = std::move(sizes);
    array.integer = fortran.integer;
    array.text = dtype.text;
    array.items = {state.items[4]};
  }

  void step(Opcode opcode) {
    switch (opcode) {
      case kProto:
        if (const int version = byte(); version < 2 || version > 4) fail("has protocol " + std::to_string(version));
        return;
      case kFrame:
        take(8);
        return;
      case kStop:
        stopped_ = true;
        return;
      case kMark:
        marks_.push_back(stack_.size());
        if (marks_.size() > kMaxNodes) fail("nests too deep");
        return;
      case kPop:
        pop();
        return;
      case kNone:
        return push({});
      case kNewTrue:
        return push_int(1, Kind::kBool);
      case kNewFalse:
        return push_int(0, Kind::kBool);
      case kBinInt:
        return push_int(number<int32_t>());
      case kBinInt1:
        return push_int(byte());
      case kBinInt2:
        return push_int(number<uint16_t>());
      case kLong1:
        return push_long(take(byte()));
      case kBinFloat:
        return push_float(take(8));
      case kBinUnicode:
        return push_text(take(number<uint32_t>()), Kind::kText);
      case kShortBinUnicode:
        return push_text(take(byte()), Kind::kText);
      case kBinBytes:
      case kBinString:
        return push_text(take(number<uint32_t>()), Kind::kBytes);
      case kShortBinBytes:
      case kShortBinString:
        return push_text(take(byte()), Kind::kBytes);
      case kBinBytes8:
        return push_text(take(number<uint64_t>()), Kind::kBytes);
      default:
        return step_structure(opcode);
    }
  }
  void step_structure(Opcode opcode) {
    switch (opcode) {
      case kGlobal: {
        const std::string module = line();
        return push_global(module, line());
      }
      case kStackGlobal:
        return push_stack_global();
      case kReduce:
        return reduce();
      case kBuild:
        return build();
      case kEmptyTuple:
        return push_items({}, Kind::kTuple);
      case kTuple1:
        return push_items(pop_last(1), Kind::kTuple);
      case kTuple2:
        return push_items(pop_last(2), Kind::kTuple);
      case kTuple3:
        return push_items(pop_last(3), Kind::kTuple);
      case kTuple:
        return push_items(pop_to_mark(), Kind::kTuple);
      case kEmptyList:
        return push_items({}, Kind::kList);
      case kAppend:
        return extend(Kind::kList, pop_last(1));
      case kAppends:
        return extend(Kind::kList, pop_to_mark());
      case kEmptyDict:
        return push_items({}, Kind::kDict);
      case kSetItem:
        return extend(Kind::kDict, pop_last(2));
      case kSetItems:
        return extend(Kind::kDict, pop_to_mark());
      case kBinPut:
        return memoize(byte());
      case kLongBinPut:
        return memoize(number<uint32_t>());
      case kMemoize:
        return memoize(static_cast<uint32_t>(memo_.size()));
      case kBinGet:
        return recall(byte());
      case kLongBinGet:
        return recall(number<uint32_t>());
      default:
        fail("has the opcode " + std::to_string(static_cast<int>(opcode)) + ", which is refused");
    }
  }

  const std::string_view bytes_;
  const Path& where_;
  size_t position_ = 0;
  bool stopped_ = false;
  Pickle pickle_;
  std::vector<int> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint32_t, int> memo_;
};

}  // namespace

Pickle parse_pickle(std::string_view bytes, const Path& where) {
  return Machine(bytes, where).run();
}

}  // namespace looking3d
