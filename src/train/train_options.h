#pragma once
// What `looking3d train` is told. Numbers below 0 mean "what the method and preset say"; resolved() fills them in.
#include <string>

#include "base/options.h"

namespace looking3d {

struct TrainOptions {
  std::string data;                                            ///< folder of the data set
  std::string out;                                             ///< folder of the run: checkpoints, log, weights.safetensors
  std::string method = "align";                                ///< align | cmt | query-only | lfd | lin | viewpoint
  std::string preset = "looking3d";                            ///< looking3d | paper (SPEC 5)
  int size = 128;                                              ///< image side in pixels; the set's photos are resized to it
  int photos = -1;                                             ///< photos a step
  int shapes = -1;                                             ///< shapes a step (cmt, lfd, lin)
  int train_views = -1;                                        ///< reference views of each shape (cmt, lfd, lin), N
  std::string network = "resnet";                              ///< of query-only: resnet | resnet-attention | vit (paper, table 2)
  std::string without;                                         ///< parts of cmt to leave out, of "cga,vlfa,3dpe" (paper, table 2)
  std::string vlfa = "both";                                   ///< none | query-view | view-view | both (paper, table 3)
  std::string top_k;                                           ///< keys of each query patch of cmt: a number or "all"; empty: the preset's
  std::string inputs = "shading,depth,normals,outline,edges";  ///< rendered channels that align's compare network looks at
  std::string fusion = "early";                                ///< early | late: where align's compare network joins photo and rendering
  int detail = 2;                                              ///< pixels of the photo for each of align's, each way
  std::string change_map = "pixel";                            ///< pixel | patch: finest change map of align's compare network
  bool damage_references = true;                               ///< align: three photos of ten beside a damaged reference
  bool covers = true;                                          ///< align: things on or before the pieces of one photo of eight
  bool wrong_cameras = true;                                   ///< align: one photo of eight beside the reference seen from elsewhere
  int match_first = 0;                                         ///< steps in which cmt learns its correspondences alone
  int steps = 0;                                               ///< length of the training, one of steps, epochs, minutes
  double epochs = 0;
  double minutes = 0;  ///< wall clock; the number of steps is fixed at half time, when the decay starts
  double learning_rate = -1;
  double weight_decay = -1;
  int warmup = -1;              ///< steps of linear rise of the learning rate
  double decay_from = -1;       ///< share of the steps after which the rate falls linearly to 0; 1: never
  double clip = -1;             ///< largest norm of the gradient; 0: not clipped
  double ema = -1;              ///< decay of the moving average of the weights; 0: none
  bool augment = true;          ///< flips, colours, noise, crops
  std::string bf16 = "auto";    ///< auto | on | off
  std::string device = "auto";  ///< auto | cpu | cuda; auto: a GPU where there is one
  bool resume = false;          ///< go on from the run's last checkpoint
  std::string init;             ///< weights file to start from
  uint64_t seed = 1;
  int workers = 1;               ///< threads that prepare batches
  double cache_gb = 4;           ///< memory for decoded photos and meshes
  double checkpoint_every = 5;   ///< minutes
  int val_every = -1;            ///< steps between validations; 0: only at the end
  int val_photos = 1000;         ///< photos of the val split, evenly drawn
  int calibration_photos = 600;  ///< the same, that probabilities are fitted to in the end; 0: none

  void visit(OptionVisitor& v);
  /// Throws InputError naming the flag.
  void check() const;
  bool leaves_out(const std::string& part) const;  ///< whether --without names it
  bool groups_by_shape() const;                    ///< whether a step's photos come by shapes, with the shapes' views
  /// With the method's and preset's values in place of those below 0. Checks the result.
  TrainOptions resolved() const;
};

}  // namespace looking3d
