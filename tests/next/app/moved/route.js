import { redirect } from 'next/navigation';
import { on } from '../../cors.js';

export const GET = on(() => redirect('/items'));
