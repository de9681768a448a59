// Decorators of the files under test write metadata, so this has to be there before any of them.
import 'reflect-metadata';
