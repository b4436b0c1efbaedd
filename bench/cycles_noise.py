"""Noise and time of Blender Cycles on one shape, to set beside `render_report noise`:

    blender --background --factory-startup --python bench/cycles_noise.py -- SHAPE.obj [REFERENCE_SAMPLES]

256 x 256 on the processor's cores, no denoiser, a key light of 20 degrees and an even dome over a floor that shows the shadow on white,
three bounces, one glossy material with a procedural texture and bump for each part. Prints, for each number of samples, the time of a
rendering (scene and kernels are loaded by one before) and the RMSE in sRGB 0..1 against the reference, over all pixels that are not white.
"""
import math
import os
import sys
import tempfile
import time

import bpy
import numpy as np
from mathutils import Vector


def srgb(linear):
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def build_scene(obj_path):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.obj(filepath=obj_path, use_split_objects=True)
    parts = list(bpy.context.scene.objects)
    for part in parts:
        material = bpy.data.materials.new(part.name)
        material.use_nodes = True
        shader = material.node_tree.nodes["Principled BSDF"]
        shader.inputs["Roughness"].default_value = 0.45
        texture = material.node_tree.nodes.new("ShaderNodeTexNoise")
        texture.inputs["Scale"].default_value, texture.inputs["Detail"].default_value = 30, 3
        bump = material.node_tree.nodes.new("ShaderNodeBump")
        bump.inputs["Strength"].default_value = 0.1
        material.node_tree.links.new(texture.outputs["Color"], shader.inputs["Base Color"])
        material.node_tree.links.new(texture.outputs["Fac"], bump.inputs["Height"])
        material.node_tree.links.new(bump.outputs["Normal"], shader.inputs["Normal"])
        part.data.materials.clear()
        part.data.materials.append(material)
    low = min((part.matrix_world @ Vector(corner)).z for part in parts for corner in part.bound_box)
    bpy.ops.mesh.primitive_plane_add(size=20, location=(0, 0, low))
    bpy.context.object.is_shadow_catcher = True
    world = bpy.data.worlds.new("dome")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.55, 0.55, 0.55, 1)
    bpy.context.scene.world = world
    sun = bpy.data.lights.new("key", "SUN")
    sun.energy, sun.angle = 1.4, math.radians(40)
    light = bpy.data.objects.new("key", sun)
    light.rotation_euler = (math.radians(40), 0, math.radians(-45))
    bpy.context.collection.objects.link(light)
    camera = bpy.data.cameras.new("camera")
    camera.sensor_width, camera.lens = 36, 36 * 355 / 256
    holder = bpy.data.objects.new("camera", camera)
    azimuth, elevation, distance = math.radians(36), math.radians(28), 2.9
    holder.location = distance * Vector((math.cos(elevation) * math.sin(azimuth), -math.cos(elevation) * math.cos(azimuth), math.sin(elevation)))
    holder.rotation_euler = (-holder.location).to_track_quat("-Z", "Y").to_euler()
    bpy.context.collection.objects.link(holder)
    bpy.context.scene.camera = holder


def render(samples, seed, path):
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples, scene.cycles.seed = samples, seed
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = False
    scene.cycles.max_bounces = 3
    scene.render.resolution_x = scene.render.resolution_y = 256
    scene.render.film_transparent = True
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_depth = "32"
    scene.render.filepath = path
    start = time.time()
    bpy.ops.render.render(write_still=True)
    elapsed = time.time() - start
    image = bpy.data.images.load(path)
    pixels = np.array(image.pixels[:]).reshape(256, 256, 4)
    bpy.data.images.remove(image)
    return srgb(pixels[..., :3] + 1 - pixels[..., 3:]), elapsed  # over white


def main():
    arguments = sys.argv[sys.argv.index("--") + 1:]
    reference_samples = int(arguments[1]) if len(arguments) > 1 else 4096
    build_scene(arguments[0])
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "picture.exr")
        render(1, 0, path)
        truth, _ = render(reference_samples, 1, path)
        mask = truth.min(axis=2) < 0.99
        print(f"cycles: {os.cpu_count()} cores, against {reference_samples} samples, {mask.sum()} pixels")
        for samples in (4, 8, 16, 32, 64, 128, 256):
            picture, elapsed = render(samples, 2, path)
            rmse = math.sqrt(np.mean((picture[mask] - truth[mask]) ** 2))
            print(f"cycles {samples:5d} samples  RMSE {rmse:.4f}  {1000 * elapsed:.0f} ms", flush=True)


main()
